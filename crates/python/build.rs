//! Writes the list of the product's Python files, so that the binary carries them.
//!
//! A list of `include_bytes!` instead of a macro over the folder: cargo then notices new and changed files, and byte code and tests
//! stay out.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let root = manifest.join("../../python").canonicalize()?;
    let mut files = Vec::new();
    for package in ["airflow", "tradewind"] {
        // Relative: a folder of built crates may serve several checkouts, and each is to see its own files.
        println!("cargo::rerun-if-changed=../../python/{package}");
        collect(&root.join(package), &mut files)?;
    }
    files.sort();
    let mut text = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&root).map_err(io::Error::other)?;
        let name = name.display().to_string();
        let path = format!("/../../python/{name}");
        writeln!(text, "    ({name:?}, include_bytes!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))),").map_err(io::Error::other)?;
    }
    text.push(']');
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    fs::write(out.join("tree.rs"), text)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            if name != "__pycache__" && name != "tests" {
                collect(&path, files)?;
            }
        } else if !name.ends_with(".pyc") {
            files.push(path);
        }
    }
    Ok(())
}
