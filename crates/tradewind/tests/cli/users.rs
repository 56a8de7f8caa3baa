//! `users`.

use std::io::Write as _;
use std::process::Stdio;

use crate::home::{Answer, Home};

const ADA: [&str; 12] = ["users", "create", "-u", "ada", "-r", "admin", "-e", "ada@example.com", "-f", "Ada", "-l", "Lovelace"];

fn create(home: &Home, more: &[&str]) -> Answer {
    home.call(&[&ADA[..], more].concat())
}

#[test]
fn a_user_is_made_listed_and_removed() {
    let home = Home::with_database();
    assert_eq!(home.ok(&["users", "list"]), "No data found\n");
    assert_eq!(create(&home, &["-p", "secret"]).out, "User \"ada\" created with role \"ADMIN\"\n");
    let taken = create(&home, &["-p", "secret"]);
    assert!(taken.code == Some(1) && taken.err.contains("the user \"ada\" exists already"), "{taken:?}");
    assert_eq!(
        home.ok(&["users", "list", "-o", "json"]),
        "[{\"id\":\"1\",\"username\":\"ada\",\"email\":\"ada@example.com\",\"first_name\":\"Ada\",\"last_name\":\"Lovelace\",\"roles\":\"ADMIN\"}]\n"
    );
    assert_eq!(home.ok(&["users", "add-role", "-u", "ada", "-r", "Viewer"]), "User \"ada\" has role VIEWER\n");
    assert_eq!(home.ok(&["delete_user", "-e", "ada@example.com"]), "User \"ada\" deleted\n");
    assert!(home.fails_with(3, &["users", "delete", "-u", "ada"]).contains("there is no user \"ada\""));
}

#[test]
fn a_password_comes_from_the_standard_input_or_is_made() {
    let home = Home::with_database();
    let mut child = home.command().args(ADA).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"from a pipe\n").unwrap();
    let answer = Answer::of(child.wait_with_output().unwrap(), home.path());
    assert_eq!((answer.code, answer.out.as_str()), (Some(0), "User \"ada\" created with role \"ADMIN\"\n"));
    let reset = home.ok(&["users", "reset-password", "-u", "ada", "--use-random-password"]);
    let password = reset.lines().next().unwrap().strip_prefix("Password: ").unwrap();
    assert!(password.len() == 16 && password.chars().all(|c| c.is_ascii_alphanumeric()), "{reset}");
    let empty = home.call(&["users", "reset-password", "-u", "ada"]);
    assert!(empty.code == Some(1) && empty.err.contains("the password is empty"), "{empty:?}");
}
