//! Flips bits of the database, one at a time: `consent fsck` finds each of them, or it changes no value of any row.
//!
//! `cargo xtask bits` flips every one.

use crate::support;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use support::stored::Stored;

/// How many bits are flipped if nobody says how many.
const SAMPLE: usize = 400;

/// After how many people are told.
const TELL_EVERY: u64 = 20_000;

#[derive(Clone, Copy, Default)]
struct Count {
    found: u64,
    harmless: u64,
    missed: u64,
}

/// What became of the flipped bits, by what they are part of.
type Tally = BTreeMap<String, Count>;

#[tokio::test]
async fn a_flipped_bit_is_found_or_changes_nothing() {
    let stored = Stored::small().await;
    let sound = std::fs::read(stored.database()).unwrap();
    assert_eq!(stored.examine().unwrap(), []);
    let places = places(&stored, &sound);
    let bits = sound.len() * 8;
    let every = std::env::var("CONSENT_BITS_EVERY").ok();
    // Odd, and so all bits of a byte get their turn.
    let every = every.map_or((bits / SAMPLE) | 1, |every| every.parse().unwrap());
    let within = std::env::var("CONSENT_BITS_WITHIN").unwrap_or_default();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| {
                let (stored, sound, places, within) =
                    (stored.copy(), &sound, &places, within.as_str());
                let mine = (worker * every..bits).step_by(every * threads);
                let mine = mine.filter(move |bit| places[bit / 8].contains(within));
                scope.spawn(move || flip(&stored, sound, places, mine))
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .collect()
    });
    let (mut sum, mut all) = (Tally::new(), Count::default());
    for (place, count) in tallies.into_iter().flatten() {
        for total in [sum.entry(place).or_default(), &mut all] {
            total.found += count.found;
            total.harmless += count.harmless;
            total.missed += count.missed;
        }
    }
    println!("   found harmless  missed  of {} bytes", sound.len());
    let table = sum.iter().map(|(place, count)| (&**place, count));
    for (place, count) in table.chain([("all", &all)]) {
        let Count {
            found,
            harmless,
            missed,
        } = count;
        println!("{found:>8} {harmless:>8} {missed:>7}  {place}");
    }
    assert_eq!(all.missed, 0);
    assert!(all.found > 0);
    if within.is_empty() {
        assert_eq!(all.found + all.harmless, bits.div_ceil(every) as u64);
    }
}

/// Flips bits, and puts each back.
fn flip(
    stored: &Stored,
    sound: &[u8],
    places: &[String],
    bits: impl Iterator<Item = usize>,
) -> Tally {
    let meant = stored.meaning().unwrap();
    let file = OpenOptions::new()
        .write(true)
        .open(stored.database())
        .unwrap();
    let mut tally = Tally::new();
    for (done, bit) in (1_u64..).zip(bits) {
        if done.is_multiple_of(TELL_EVERY) {
            eprintln!("{done} flipped, up to byte {}", bit / 8);
        }
        let (byte, mask) = (bit / 8, 1 << (bit % 8));
        put(&file, byte, sound[byte] ^ mask);
        let count = tally.entry(places[byte].clone()).or_default();
        if let Some(wrong) = stored.first_wrong() {
            assert!(!wrong.is_empty());
            count.found += 1;
        } else if stored.meaning().is_ok_and(|meaning| meaning == meant) {
            count.harmless += 1;
        } else {
            println!("bit {bit}, in {}, is missed", places[byte]);
            count.missed += 1;
        }
        put(&file, byte, sound[byte]);
        forget_log(stored);
    }
    assert!(
        std::fs::read(stored.database()).unwrap() == sound,
        "the check has written"
    );
    tally
}

fn put(file: &File, byte: usize, value: u8) {
    file.write_all_at(&[value], byte as u64).unwrap();
}

/// What a connection that was not closed well leaves behind.
fn forget_log(stored: &Stored) {
    for beside in ["consent.db-wal", "consent.db-shm"] {
        let _ = std::fs::remove_file(stored.folder().join(beside));
    }
}

/// What each byte of the file is part of.
fn places(stored: &Stored, file: &[u8]) -> Vec<String> {
    let connection = rusqlite::Connection::open(stored.database()).unwrap();
    let page_size = connection
        .pragma_query_value(None, "page_size", |row| row.get::<_, u16>(0))
        .map(usize::from)
        .unwrap();
    let mut names = vec!["free page".to_owned(); file.len() / page_size];
    let mut pages = connection
        .prepare("SELECT pageno, name, pagetype FROM dbstat")
        .unwrap();
    let mut rows = pages.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let page = usize::from(row.get::<_, u16>(0).unwrap());
        let (name, kind): (String, String) = (row.get(1).unwrap(), row.get(2).unwrap());
        names[page - 1] = format!("{name} ({kind})");
    }
    let pages = file.chunks(page_size).zip(names).enumerate();
    pages
        .flat_map(|(page, (bytes, name))| in_page(page == 0, bytes, &name))
        .collect()
}

/// The same within a page: <https://www.sqlite.org/fileformat2.html#b_tree_pages>.
fn in_page(is_first: bool, page: &[u8], name: &str) -> Vec<String> {
    let mut places = vec![format!("{name}: cells"); page.len()];
    let start = if is_first { 100 } else { 0 };
    let number = |at: usize| usize::from(page[at]) << 8 | usize::from(page[at + 1]);
    let is_tree = [2, 5, 10, 13].contains(&page[start]) && !name.ends_with("(overflow)");
    if is_tree && name != "free page" {
        let header = if page[start] < 8 { 12 } else { 8 };
        let pointers = start + header + 2 * number(start + 3);
        let cells = match number(start + 5) {
            0 => page.len(),
            cells => cells,
        };
        places[start..start + header].fill(format!("{name}: header"));
        places[start + header..pointers].fill(format!("{name}: pointers to cells"));
        places[pointers..cells].fill(format!("{name}: free"));
        let mut block = number(start + 1);
        while block != 0 {
            let end = (block + number(block + 2)).min(page.len());
            places[block + 4..end].fill(format!("{name}: free"));
            block = number(block);
        }
    }
    for (from, to, field) in FILE_HEADER {
        if is_first {
            places[from..to].fill(format!("file header: {field}"));
        }
    }
    places
}

/// <https://www.sqlite.org/fileformat2.html#the_database_header>
const FILE_HEADER: [(usize, usize, &str); 21] = [
    (0, 16, "magic"),
    (16, 18, "page size"),
    (18, 19, "write version"),
    (19, 20, "read version"),
    (20, 21, "reserved bytes of pages"),
    (21, 24, "payload fractions"),
    (24, 28, "change counter"),
    (28, 32, "number of pages"),
    (32, 36, "first free page"),
    (36, 40, "number of free pages"),
    (40, 44, "schema cookie"),
    (44, 48, "schema format"),
    (48, 52, "cache size"),
    (52, 56, "largest root page"),
    (56, 60, "text encoding"),
    (60, 64, "user version"),
    (64, 68, "incremental vacuum"),
    (68, 72, "application id"),
    (72, 92, "reserved"),
    (92, 96, "version-valid-for"),
    (96, 100, "SQLite version"),
];
