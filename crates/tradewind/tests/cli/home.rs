//! A temporary home and calls of the program in it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A home that goes away with the test.
pub struct Home {
    folder: tempfile::TempDir,
}

/// What a call gave.
#[derive(Debug)]
pub struct Answer {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Home {
    /// An empty home.
    pub fn new() -> Home {
        Home { folder: tempfile::tempdir().unwrap() }
    }

    /// A home with a database.
    pub fn with_database() -> Home {
        let home = Home::new();
        home.ok(&["db", "migrate"]);
        home
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Calls the program without any variable of the caller's.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tradewind"));
        command.env_clear().env("TRADEWIND_HOME", self.path()).env("HOME", self.path()).current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// Calls the program with these arguments.
    pub fn call(&self, arguments: &[&str]) -> Answer {
        Answer::of(self.command().args(arguments).output().unwrap(), self.path())
    }

    /// The output of a call that succeeds.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let answer = self.call(arguments);
        assert_eq!(answer.code, Some(0), "{arguments:?}: {answer:?}");
        answer.out
    }

    /// The errors of a call that fails.
    pub fn fails(&self, arguments: &[&str]) -> String {
        self.fails_with(1, arguments)
    }

    /// The errors of a call that fails with this code.
    pub fn fails_with(&self, code: i32, arguments: &[&str]) -> String {
        let answer = self.call(arguments);
        assert_eq!(answer.code, Some(code), "{arguments:?}: {answer:?}");
        answer.err
    }
}

impl Answer {
    /// Texts with the home's path as HOME.
    pub fn of(output: Output, home: &Path) -> Answer {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(home.to_str().unwrap(), "HOME");
        Answer { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}
