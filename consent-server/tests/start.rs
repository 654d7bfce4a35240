//! A start makes nothing anew that was made before, and one broken file does not stop the others.

use crate::support;
use consent_server::clock::Clock;
use consent_server::folder::Folder;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::page::{Page, get, status};
use support::process::{PROGRAM, Process, exported, run};
use support::{shop, write_site};

/// A form of the gate as it travels.
fn form(server: &Process, coding: &str) -> Vec<u8> {
    let agent: ureq::Agent = ureq::Agent::config_builder().build().into();
    let address = format!("{}/s/shop/consent.js", server.url);
    // The name of a coding that the client does not know, so that it does not unpack it.
    let request = agent.get(address).header("accept-encoding", coding);
    let mut answer = request.call().unwrap();
    answer.body_mut().read_to_vec().unwrap()
}

fn forms(server: &Process) -> [Vec<u8>; 3] {
    ["br", "gzip", "identity"].map(|coding| form(server, coding))
}

#[test]
fn who_asks_for_a_reload_as_soon_as_it_serves_does_not_end_it() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    let server = Process::serve(&sites, &data);
    server.signal("-HUP");
    server.hear("reloaded");
}

/// What a figure in the first lines of the log is.
fn figure(server: &Process, name: &str) -> usize {
    let (_, rest) = server.said.rsplit_once(&format!("{name}=")).unwrap();
    rest.split_whitespace().next().unwrap().parse().unwrap()
}

fn entries(data: &Path) -> Vec<PathBuf> {
    let parts = ["files", "publications"].map(|part| data.join("cache").join(part));
    let entries = parts.iter().flat_map(|part| fs::read_dir(part).unwrap());
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn damage(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let place = bytes.len() / 2;
    bytes[place] ^= 0x20;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_second_start_makes_nothing_and_a_damaged_or_deleted_cache_costs_time_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    let first = Process::serve_unaided(&sites, &data);
    let made = figure(&first, "compressed");
    assert_eq!(figure(&first, "rendered"), 1);
    assert!(made > 5, "{made}");
    let before = forms(&first);
    drop(first);
    let again = |rendered: usize, compressed: usize, why: &str| {
        let server = Process::serve_unaided(&sites, &data);
        assert_eq!(figure(&server, "rendered"), rendered, "{why}");
        assert_eq!(figure(&server, "compressed"), compressed, "{why}");
        assert_eq!(forms(&server), before, "{why}");
    };
    again(0, 0, "nothing changed");
    for entry in entries(&data) {
        damage(&entry);
    }
    again(1, made, "everything is damaged");
    again(0, 0, "everything is mended");
    fs::remove_dir_all(data.join("cache")).unwrap();
    again(1, made, "everything is gone");
    // One at a time: a publication is nothing without each of its files.
    let is_file = |entry: &PathBuf| entry.parent().unwrap().ends_with("files");
    let (mut some, lists): (Vec<_>, Vec<_>) = entries(&data).into_iter().partition(is_file);
    some.truncate(2);
    for entry in some.into_iter().chain(lists) {
        damage(&entry);
        let server = Process::serve_unaided(&sites, &data);
        assert_eq!(
            figure(&server, "compressed"),
            usize::from(is_file(&entry)),
            "{entry:?}"
        );
        assert_eq!(forms(&server), before, "{entry:?}");
    }
    fs::remove_dir_all(data.join("cache")).unwrap();
    fs::write(data.join("cache"), "no folder").unwrap();
    again(1, made, "it cannot be kept");
    again(1, made, "nor the next time");
}

#[test]
fn what_the_cache_has_and_the_database_has_not_is_published_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    drop(Process::serve_with(&sites, &data, &["--no-log"]));
    for file in ["consent.db", "consent.db-wal", "consent.db-shm"] {
        let _ = fs::remove_file(data.join(file));
    }
    let server = Process::serve_with(&sites, &data, &["--no-log"]);
    assert_eq!(figure(&server, "rendered"), 1);
    assert_eq!(figure(&server, "compressed"), 0);
    let page = Page::open(&server.url);
    get(&format!(
        "{}/v1/sites/shop/notices/{}",
        server.url, page.notice
    ));
    get(&format!(
        "{}/v1/sites/shop/scopes/{}",
        server.url, page.scope
    ));
}

#[test]
fn files_for_a_static_host_are_not_made_of_what_a_server_would_refuse() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("site.toml"), folder.path().join("out"));
    fs::write(&file, unlawful()).unwrap();
    let built = run(&[
        "build",
        file.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ]);
    let said = String::from_utf8_lossy(&built.stderr);
    assert_eq!(built.status.code(), Some(1), "{said}");
    assert!(said.contains("[presumed-consent]"), "{said}");
    assert!(!out.exists());
}

fn unlawful() -> String {
    let text = shop().replace("id = \"shop\"", "id = \"unlawful\"");
    text.replace(
        "Counts visits.",
        "En poursuivant votre navigation, vous acceptez les cookies.",
    )
}

#[test]
fn one_broken_file_does_not_stop_the_others_and_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    let at = |name: &str| sites.join(name);
    fs::write(at("syntax.toml"), "id = \"syntax\"\nname = [\n").unwrap();
    fs::write(at("unlawful.toml"), unlawful()).unwrap();
    fs::write(
        at("one.toml"),
        shop().replace("id = \"shop\"", "id = \"twice\""),
    )
    .unwrap();
    fs::write(
        at("two.toml"),
        shop().replace("id = \"shop\"", "id = \"twice\""),
    )
    .unwrap();
    fs::create_dir(at("folder.toml")).unwrap();
    fs::File::create(at("huge.toml"))
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    std::os::unix::fs::symlink("loop.toml", at("loop.toml")).unwrap();
    std::os::unix::fs::symlink("nothing", at("gone.toml")).unwrap();
    // An editor's lock.
    std::os::unix::fs::symlink("somebody@somewhere.1", at(".#shop.toml")).unwrap();
    fs::write(at("based.toml"), "base = \"folder.toml\"\nid = \"based\"\n").unwrap();
    let metrics = ["--metrics", "127.0.0.1:0"];
    let server = Process::serve_with(&sites, &data, &metrics);
    assert_eq!(figure(&server, "sites"), 1);
    let metrics = server.hear("serving metrics");
    let (_, address) = metrics.trim().split_once("metrics=").unwrap();
    let metrics = get(&format!("http://{address}/metrics"));
    assert!(
        metrics.contains("\nconsent_sites{state=\"refused\"} 9\n"),
        "{metrics}"
    );
    assert_eq!(status(&format!("{}/s/shop/consent.js", server.url)), 200);
    for site in ["syntax", "unlawful", "twice", "based"] {
        assert_eq!(status(&format!("{}/s/{site}/consent.js", server.url)), 404);
    }
    for said in [
        "syntax.toml:2:",
        "[presumed-consent]",
        "one.toml: declares site \"twice\", and so does",
        "two.toml: declares site \"twice\", and so does",
        "folder.toml: cannot be read (this is a folder",
        "huge.toml: cannot be read (longer than 4 MiB",
        "loop.toml: cannot be read",
        "gone.toml: cannot be read",
        "based.toml:1:",
        "unlawful.toml is refused: nothing of it is served",
        "see them with `consent check",
    ] {
        assert!(server.said.contains(said), "{said}: {}", server.said);
    }
    assert!(!server.said.contains(".#shop"), "{}", server.said);
    let place = format!("{}:", at("unlawful.toml").display());
    let line = server
        .said
        .lines()
        .find(|line| line.contains("[presumed-consent]"));
    assert!(line.unwrap().contains(&place), "{line:?}");
}

#[test]
fn when_nothing_can_be_published_nothing_starts_and_all_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    fs::create_dir(&sites).unwrap();
    fs::write(sites.join("syntax.toml"), "id = \n").unwrap();
    fs::write(sites.join("unlawful.toml"), unlawful()).unwrap();
    let (sites, data) = (sites.to_str().unwrap(), data.to_str().unwrap());
    let options = ["--listen", "127.0.0.1:0", "--url", support::URL];
    let ended = run(&[&["serve", "--sites", sites, "--data", data][..], &options].concat());
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2), "{said}");
    for words in ["syntax.toml:1:", "unlawful.toml:", "[presumed-consent]"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(
        !Path::new(data).exists(),
        "a start that is refused changes nothing"
    );
}

#[test]
fn a_site_whose_file_broke_while_the_server_was_down_goes_on_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    // In two files: what is served later has the base's words of that time.
    fs::create_dir(&sites).unwrap();
    let (start, rest) = shop().split_once("[controller]").unwrap();
    let (controller, end) = rest.split_once("[policy]").unwrap();
    let own = format!("base = \"publisher.toml\"\n{start}[policy]{end}");
    fs::write(sites.join("shop.toml"), &own).unwrap();
    fs::write(
        sites.join("publisher.toml"),
        format!("[controller]{controller}"),
    )
    .unwrap();
    let server = Process::serve(&sites, &data);
    let before = forms(&server);
    drop(server);

    let broken = own.replace("revision = 1", "revision = ");
    fs::write(sites.join("shop.toml"), broken).unwrap();
    fs::remove_file(sites.join("publisher.toml")).unwrap();
    for cached in [true, false] {
        if !cached {
            fs::remove_dir_all(data.join("cache")).unwrap();
        }
        let server = Process::serve(&sites, &data);
        assert_eq!(figure(&server, "rendered"), usize::from(!cached));
        let said = &server.said;
        assert!(
            said.contains("site \"shop\" goes on as it was published last"),
            "{said}"
        );
        assert_eq!(forms(&server), before);
        let page = Page::open(&server.url);
        assert_eq!(page.send(&page.record(u64::from(cached))), Some(201));
    }
    assert_eq!(exported(&data).len(), 2);

    // Without what it published last, there is nothing to go on with.
    fs::remove_file(data.join("published.json")).unwrap();
    let (sites, data) = (sites.to_str().unwrap(), data.to_str().unwrap());
    let options = ["--listen", "127.0.0.1:0", "--url", support::URL];
    let ended = run(&[&["serve", "--sites", sites, "--data", data][..], &options].concat());
    assert_eq!(ended.status.code(), Some(2));
}

#[test]
fn every_example_is_fit_to_be_served() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let today = Clock::system().now();
    for (sites, count) in [("sites", 5), ("publisher", 2)] {
        let folder = Folder::read(&examples.join(sites), today).unwrap().judged();
        assert!(folder.refused.is_empty(), "{:?}", folder.refused);
        assert_eq!(folder.sites.len(), count);
    }
}

#[test]
fn a_purge_and_a_piece_of_evidence_are_not_stopped_by_a_file_that_is_not_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    let server = Process::serve(&sites, &data);
    let page = Page::open(&server.url);
    let record = page.record(1);
    assert_eq!(page.send(&record), Some(201));
    fs::write(sites.join("another.toml"), "id = \n").unwrap();
    let (sites, data) = (sites.to_str().unwrap(), data.to_str().unwrap());
    let purged = run(&["purge", "--sites", sites, "--data", data]);
    let said = String::from_utf8_lossy(&purged.stderr);
    assert_eq!(purged.status.code(), Some(1), "{said}");
    assert!(said.contains("another.toml:1:"), "{said}");
    assert_eq!(String::from_utf8_lossy(&purged.stdout), "shop\tdelete\t0\n");
    let id = record["jti"].as_str().unwrap();
    let made = Command::new(PROGRAM)
        .args(["evidence", id, "--sites", sites, "--data", data, "-o", "-"])
        .output()
        .unwrap();
    assert_eq!(
        made.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
}
