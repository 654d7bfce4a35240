//! Reads which file of a crate uses which, and finds circles and arrows that go up.
//!
//! An arrow is a path in a file (`use crate::…`, `super::…`, `child::…`) to the file that holds what it names. The two rules:
//! no circles between files, parents and children alike; and a room uses only rooms on floors beneath it. What a file only
//! passes on (`mod child;`, `pub use child::Name;`) is no arrow, and is followed to where it is: so a parent may name its
//! children and hand out what they hold, and what children share stands in a sibling, not in the parent.
//!
//! Tests and comments do not count. Paths alone are read, not types: an arrow that no path shows, like a method's, is not
//! seen.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::fs;
use std::io::{Error, Result};
use std::path::{Component, Path, PathBuf};

use crate::floors::source::{Import, Source};

mod source;

/// The files of a crate, each with the files it uses.
#[derive(Default)]
pub struct House {
    /// From a file to those it uses: the line and the path of the first use.
    arrows: BTreeMap<String, BTreeMap<String, (usize, String)>>,
}

/// The file of a module, read.
struct Opened {
    file: String,
    source: Source,
}

/// The path of a module, without `crate`.
type Module = Vec<String>;

/// The floor of each room; 0 is the highest.
type Floors<'a> = BTreeMap<&'a str, usize>;

const WHAT_TO_DO: &str = "move what is needed to a file beneath both, or hand it in as an argument; the table of floors is in tests/tests/floors.rs";

/// An arrow, or arrows, that are known to break a rule.
struct Excuse<'a> {
    from: &'a str,
    to: &'a str,
}

impl<'a> Excuse<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let (from, to) = line.split_once(" -> ")?;
        Some(Self { from, to })
    }

    fn is_of(&self, from: &str, to: &str) -> bool {
        let is = |named: &str, file: &str| {
            named == file || named.ends_with('/') && file.starts_with(named)
        };
        is(self.from, from) && is(self.to, to)
    }
}

impl House {
    /// Reads the sources in a folder `src`. `own` is the crate's name, by which its own binaries call it.
    pub fn read(src: &Path, own: &str) -> Result<Self> {
        let mut rooms = BTreeMap::new();
        for root in ["lib.rs", "main.rs"] {
            if src.join(root).exists() {
                enter(src, root, &[], &mut rooms)?;
            }
        }
        let mut house = Self::default();
        for (module, room) in &rooms {
            let uses = house.arrows.entry(room.file.clone()).or_default();
            let source = &room.source;
            let imports = source.imports.iter().filter(|import| !import.is_passed_on);
            let imported = imports.map(|import| (import.line, &import.path));
            for (line, path) in
                imported.chain(source.paths.iter().map(|(line, path)| (*line, path)))
            {
                let Some(target) = resolve(&rooms, own, module, path, 0) else {
                    continue;
                };
                if target != room.file {
                    uses.entry(target).or_insert((line, path.join("::")));
                }
            }
        }
        Ok(house)
    }

    /// The files that the sources in a folder include, where their words say that these are.
    pub fn includes(src: &Path) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(src)? {
            let path = entry?.path();
            if path.is_dir() {
                found.extend(Self::includes(&path)?);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = fs::read_to_string(&path)?;
                let included = INCLUDING.iter().flat_map(|mark| text.split(mark).skip(1));
                let names = included.filter_map(|after| after.trim_start().split('"').nth(1));
                found.extend(names.map(|name| beside(&path, name)));
            }
        }
        Ok(found)
    }

    /// What breaks the two rules, each with its file, line and what to do; empty when the house stands.
    ///
    /// `floors` are the rooms (the files and folders of `src`, without `.rs`), from the top down, a floor a line: a room uses
    /// those on floors beneath it only. `excused` are arrows that are known to break a rule, `from.rs -> to.rs`, a line each;
    /// `folder/` stands for every file in it.
    #[must_use]
    pub fn faults(&self, floors: &str, excused: &str) -> Vec<String> {
        let floor_of: Floors<'_> = lines(floors)
            .enumerate()
            .flat_map(|(floor, rooms)| rooms.split_whitespace().map(move |room| (room, floor)))
            .collect();
        let excused: Vec<Excuse<'_>> = lines(excused).filter_map(Excuse::of).collect();
        let standing = |from: &str, to: &str| !excused.iter().any(|excuse| excuse.is_of(from, to));
        let mut faults = self.rooms_without_floor(&floor_of);
        for (from, to, arrow) in self.all() {
            if standing(from, to) && goes_up(&floor_of, from, to) {
                faults.push(format!(
                    "an arrow that does not go down:\n  {}\n  {WHAT_TO_DO}",
                    said(from, to, arrow),
                ));
            }
        }
        faults.extend(self.circles(&standing));
        for excuse in &excused {
            let is_needed = self.all().any(|(from, to, _)| {
                let closes_circle = || self.way(to, from, &standing).is_some();
                excuse.is_of(from, to) && (goes_up(&floor_of, from, to) || closes_circle())
            });
            if !is_needed {
                let Excuse { from, to } = excuse;
                faults.push(format!(
                    "{from} -> {to} breaks no rule any more: take it off the list of exceptions"
                ));
            }
        }
        faults
    }

    fn rooms_without_floor(&self, floor_of: &Floors<'_>) -> Vec<String> {
        let rooms: BTreeSet<&str> = self.arrows.keys().filter_map(|file| room(file)).collect();
        let named: BTreeSet<&str> = floor_of.keys().copied().collect();
        let without = rooms.difference(&named).map(|room| {
            format!("{room} has no floor: put it into the table, above all that it uses")
        });
        let gone = named
            .difference(&rooms)
            .map(|room| format!("there is no {room}: take it out of the table of floors"));
        without.chain(gone).collect()
    }

    /// The shortest circle of each knot of files.
    fn circles(&self, standing: &impl Fn(&str, &str) -> bool) -> Vec<String> {
        let mut shortest: Vec<Vec<&str>> = Vec::new();
        for (from, to, _) in self.all().filter(|(from, to, _)| standing(from, to)) {
            shortest.extend(self.way(to, from, standing));
        }
        shortest.sort_by_key(Vec::len);
        let mut told: BTreeSet<&str> = BTreeSet::new();
        let mut faults = Vec::new();
        for circle in shortest {
            if circle.iter().any(|file| told.contains(file)) {
                continue;
            }
            told.extend(&circle);
            let mut fault = "a circle:".to_owned();
            let next = circle.iter().cycle().skip(1);
            for (from, to) in circle.iter().zip(next) {
                let _ = write!(fault, "\n  {}", said(from, to, &self.arrows[*from][*to]));
            }
            let _ = write!(fault, "\n  {WHAT_TO_DO}");
            faults.push(fault);
        }
        faults
    }

    /// The shortest way along the arrows.
    fn way<'a>(
        &'a self,
        from: &'a str,
        to: &str,
        standing: &impl Fn(&str, &str) -> bool,
    ) -> Option<Vec<&'a str>> {
        let mut came: BTreeMap<&str, &str> = BTreeMap::new();
        let mut next = VecDeque::from([from]);
        while let Some(file) = next.pop_front() {
            if file == to {
                let mut way = vec![file];
                while let Some(before) = way.last().filter(|last| **last != from) {
                    way.push(came[before]);
                }
                way.reverse();
                return Some(way);
            }
            for target in self.arrows.get(file).into_iter().flat_map(BTreeMap::keys) {
                if standing(file, target) && target != from && !came.contains_key(&**target) {
                    came.insert(target, file);
                    next.push_back(target);
                }
            }
        }
        None
    }

    fn all(&self) -> impl Iterator<Item = (&str, &str, &(usize, String))> {
        self.arrows
            .iter()
            .flat_map(|(from, uses)| uses.iter().map(move |(to, arrow)| (&**from, &**to, arrow)))
    }
}

/// What comes before the name of a file that is included.
const INCLUDING: [&str; 3] = ["include_str!(", "include_bytes!(", "#[path ="];

/// A file named in another, without asking the disk: a link stays the link.
fn beside(file: &Path, name: &str) -> PathBuf {
    let mut path = file.to_owned();
    path.pop();
    for part in Path::new(name).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            part => path.push(part),
        }
    }
    path
}

fn lines(table: &str) -> impl Iterator<Item = &str> {
    table.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn said(from: &str, to: &str, (line, path): &(usize, String)) -> String {
    format!("{from}:{line} -> {to}, by `{path}`")
}

/// The room of a file; none for the crate's roots, which only name the rooms.
fn room(file: &str) -> Option<&str> {
    match file.split_once('/') {
        Some((folder, _)) => Some(folder),
        None => Some(file.trim_end_matches(".rs")).filter(|room| !matches!(*room, "lib" | "main")),
    }
}

fn goes_up(floor_of: &Floors<'_>, from: &str, to: &str) -> bool {
    let (Some(from), Some(to)) = (room(from), room(to)) else {
        return false;
    };
    from != to && floor_of.get(from) >= floor_of.get(to)
}

/// Reads a file and those of its child modules.
fn enter(
    src: &Path,
    file: &str,
    module: &[String],
    rooms: &mut BTreeMap<Module, Opened>,
) -> Result<()> {
    let path = src.join(file);
    let named = |error| Error::other(format!("{}: {error}", path.display()));
    let text = fs::read_to_string(&path).map_err(named)?;
    let source = Source::read(&text);
    for child in &source.children {
        let name = [module, std::slice::from_ref(child)].concat();
        let path = name.join("/");
        let flat = format!("{path}.rs");
        let file = if src.join(&flat).exists() {
            flat
        } else {
            format!("{path}/mod.rs")
        };
        enter(src, &file, &name, rooms)?;
    }
    let file = file.to_owned();
    match rooms.get_mut(module) {
        // A library and its binary have one root.
        Some(root) => root.source.children.extend(source.children),
        None => {
            rooms.insert(module.to_vec(), Opened { file, source });
        }
    }
    Ok(())
}

/// The file that holds what a path names, as seen from a module; none where it is no file of this crate.
fn resolve(
    rooms: &BTreeMap<Module, Opened>,
    own: &str,
    seen_from: &[String],
    path: &[String],
    depth: usize,
) -> Option<String> {
    /// More names than that passed on from one to the next are a circle of their own.
    const DEEPEST: usize = 16;
    let (first, mut rest) = path.split_first()?;
    let mut module = match first.as_str() {
        "crate" => Vec::new(),
        name if name == own => Vec::new(),
        "self" => seen_from.to_vec(),
        "super" => seen_from[..seen_from.len().checked_sub(1)?].to_vec(),
        _ => {
            rest = path;
            seen_from.to_vec()
        }
    };
    let is_relative = rest.len() == path.len();
    while let Some((name, after)) = rest.split_first() {
        if name == "super" {
            module.pop()?;
            rest = after;
            continue;
        }
        let room = rooms.get(&module)?;
        if room.source.children.contains(name) {
            module.push(name.clone());
            rest = after;
            continue;
        }
        let imported = |import: &&Import| import.name == *name && import.path != path;
        if let Some(import) = room.source.imports.iter().find(imported) {
            let path = [&import.path, after].concat();
            return (depth < DEEPEST).then(|| resolve(rooms, own, &module, &path, depth + 1))?;
        }
        // A relative path that begins with no module of this crate names another crate, or something of its own file.
        return (!is_relative || module != seen_from).then(|| room.file.clone());
    }
    // A module as a whole is not yet a use of what is in it.
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A house of these files, and what is wrong with it.
    fn faults(files: &[(&str, &str)], floors: &str, excused: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let house = House::read(folder.path(), "own").unwrap();
        house.faults(floors, excused)
    }

    const HOUSE: [(&str, &str); 5] = [
        ("lib.rs", "pub mod high;\nmod low;\n"),
        (
            "high/mod.rs",
            "mod one;\nmod two;\npub use one::One;\npub(crate) use two::{Two as Other};\n",
        ),
        (
            "high/one.rs",
            "use super::two::Two;\nuse crate::low;\nfn f() { low::f(); }\n",
        ),
        (
            "high/two.rs",
            "//! use super::One;\npub struct Two;\n#[cfg(test)]\nmod tests { use super::super::One; }\nconst A: &str = r#\"\nuse super::One; \"\"#;\n",
        ),
        ("low.rs", "pub fn f() { let c = '\"'; } // own::high::One\n"),
    ];

    #[test]
    fn what_is_passed_on_tested_or_only_said_is_no_arrow() {
        assert_eq!(faults(&HOUSE, "high\nlow", ""), [""; 0]);
    }

    #[test]
    fn an_arrow_back_is_found_through_what_is_passed_on() {
        let mut house = HOUSE;
        house[3].1 = "pub struct Two;\nfn f() {\n    crate::high::One::new();\n}\n";
        let found = faults(&house, "high\nlow", "");
        assert_eq!(found.len(), 1, "{found:?}");
        for said in [
            "a circle:",
            "high/one.rs:1 -> high/two.rs, by `super::two::Two`",
            "high/two.rs:3 -> high/one.rs, by `crate::high::One::new`",
            "move what is needed",
        ] {
            assert!(found[0].contains(said), "{found:?}");
        }
        let excused = faults(&house, "high\nlow", "high/ -> high/one.rs");
        assert_eq!(excused, [""; 0]);
    }

    #[test]
    fn arrows_go_down_and_every_room_has_its_floor() {
        for (floors, excused, expected) in [
            ("low\nhigh", "", "high/one.rs:3 -> low.rs, by `low::f`"),
            ("high low", "", "an arrow that does not go down"),
            ("high", "", "low has no floor"),
            ("high\nlow\ncellar", "", "there is no cellar"),
            (
                "high\nlow",
                "high/one.rs -> low.rs",
                "breaks no rule any more",
            ),
        ] {
            let found = faults(&HOUSE, floors, excused);
            assert!(
                found.iter().any(|fault| fault.contains(expected)),
                "{expected}: {found:?}"
            );
        }
    }
}
