//! The first hour of an owner at a terminal: a declaration from answers, or from another tool's configuration.

use crate::support;
use std::io::Write as _;
use std::process::{Command, Stdio};
use support::process::{PROGRAM, run};

#[test]
fn in_a_terminal_init_asks_and_writes_what_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("site.toml");
    // `script` gives the program a terminal.
    let mut child = Command::new("script")
        .args(["--quiet", "--return", "--command"])
        .arg(format!("'{PROGRAM}' init '{}'", file.display()))
        .arg("/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let answers =
        "The shop\nwww.shop.example\nen fr\nShop Ltd\n1 High Street, York\n\nGB\n\n\nyoutube\n\n";
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(answers.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("Its country, in two letters [FR]:"), "{said}");
    let text = std::fs::read_to_string(&file).unwrap();
    for written in [
        "name = \"The shop\"",
        "origins = [\"https://www.shop.example\"]",
        "contact = \"privacy@shop.example\"",
        "authority = { name = \"ICO\"",
        "like = \"youtube\"",
    ] {
        assert!(text.contains(written), "{written}: {text}");
    }
    let checked = run(&["check", file.to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(0), "{checked:?}");
}

#[test]
fn where_nobody_can_answer_an_example_is_written_and_an_import_lists_what_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (example, config, imported) = (file("site.toml"), file("config.js"), file("shop.toml"));
    assert_eq!(run(&["init", &example]).status.code(), Some(0));
    assert_eq!(run(&["check", &example]).status.code(), Some(0));

    std::fs::write(
        &config,
        "klaroConfig = { services: [{ name: 'youtube', purposes: ['videos'], callback() {} }] }",
    )
    .unwrap();
    let output = run(&["import", &config, &imported]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("  services.youtube.callback: is code"),
        "{said}"
    );
    assert!(
        said.contains("Services: 1; known to the catalogue: 1."),
        "{said}"
    );
    // What nobody said is to be written.
    let checked = run(&["check", &imported]);
    let found = String::from_utf8(checked.stdout).unwrap();
    assert_eq!(checked.status.code(), Some(1), "{found}");
    assert!(found.contains("origins"), "{found}");
    let text = std::fs::read_to_string(&imported).unwrap();
    let text = text
        .replace("origins = [\"…\"]", "origins = [\"https://shop.example\"]")
        .replace("country = \"…\"", "country = \"GB\"")
        .replace("url = \"…\"", "url = \"https://shop.example/cookies\"")
        .replace(
            "policy = \"…\"",
            "policy = \"https://shop.example/cookies\"",
        )
        .replace("address = \"…\"", "address = \"1 High Street, York\"")
        .replace("contact = \"…\"", "contact = \"privacy@shop.example\"");
    std::fs::write(&imported, &text).unwrap();
    let checked = run(&["check", &imported]);
    let found = String::from_utf8(checked.stdout).unwrap();
    assert_eq!(checked.status.code(), Some(1), "{found}");
    assert!(
        found.contains("controller.name: is yet to be written"),
        "{found}"
    );
    std::fs::write(&imported, text.replace('…', "Shop Ltd")).unwrap();
    let checked = run(&["check", &imported]);
    assert_eq!(checked.status.code(), Some(0), "{checked:?}");

    let again = run(&["import", &config, &imported]);
    assert_eq!(again.status.code(), Some(2), "what is there stays");
    let nothing = run(&["import", &example, &file("other.toml")]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(!std::path::Path::new(&file("other.toml")).exists());
}
