//! Lists the files of the web app, so that they become part of the program. Without them the program still builds; `ui/` says
//! how they are made.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let dist = root.join("../../ui/dist");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    println!("cargo::rerun-if-changed=build.rs");
    // The folder itself is in the repository: a folder that is missing would make each build start anew.
    println!("cargo::rerun-if-changed=../../ui/dist");
    let files = if dist.join("index.html").is_file() { found(&dist).expect("ui/dist can be read") } else { Vec::new() };
    // Copies: the UI may be built again while the compiler still reads.
    let copies = out.join("ui");
    let _ = fs::remove_dir_all(&copies);
    let mut table = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&dist).expect("below dist").to_string_lossy().replace('\\', "/");
        let plain = copied(file, &copies.join(&name)).expect("files of ui/dist can be copied");
        let packed = |ending: &str| {
            let from = PathBuf::from(format!("{}.{ending}", file.display()));
            match from.is_file().then(|| copied(&from, &PathBuf::from(format!("{}.{ending}", copies.join(&name).display())))) {
                Some(to) => format!("Some({})", to.expect("files of ui/dist can be copied")),
                None => "None".to_owned(),
            }
        };
        let (gzip, brotli) = (packed("gz"), packed("br"));
        let _ = writeln!(table, "    File {{ path: {name:?}, plain: {plain}, gzip: {gzip}, brotli: {brotli} }},");
    }
    table.push(']');
    fs::write(out.join("ui_files.rs"), table).expect("OUT_DIR can be written");
}

/// Copies a file and says how the program takes it in.
fn copied(from: &Path, to: &Path) -> io::Result<String> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to)?;
    Ok(format!("include_bytes!({to:?})"))
}

/// The files that are served, sorted; their compressed forms stand beside them.
fn found(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(found(&path)?);
        } else if !(name.starts_with('.') || name.ends_with(".gz") || name.ends_with(".br")) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
