//! The product's Python files, carried in the binary and laid out in a folder named after their content.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::PythonError;

/// Path below the tree, content.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/tree.rs"));

/// The folder to be put on `PYTHONPATH`, written if it is not there yet.
///
/// Written beside its place and renamed: two starts at once, or a crash half way, leave a whole tree or none.
pub fn unpack(cache: &Path) -> Result<PathBuf, PythonError> {
    let mut hash = Sha256::new();
    for (name, bytes) in FILES {
        hash.update(name.as_bytes());
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    }
    let name = hash.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect::<String>();
    let place = cache.join(format!("python-{name}"));
    if place.join("airflow").is_dir() {
        return Ok(place);
    }
    let fresh = cache.join(format!(".python-{name}.{}", std::process::id()));
    for (name, bytes) in FILES {
        let path = fresh.join(name);
        let parent = path.parent().unwrap_or(&fresh);
        fs::create_dir_all(parent).map_err(|e| PythonError::folder("make folder", parent, e))?;
        fs::write(&path, bytes).map_err(|e| PythonError::folder("write", &path, e))?;
    }
    match fs::rename(&fresh, &place) {
        Ok(()) => Ok(place),
        Err(_) if place.join("airflow").is_dir() => {
            let _ = fs::remove_dir_all(&fresh);
            Ok(place)
        }
        Err(e) => Err(PythonError::folder("make folder", &place, e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_whole_and_written_once() {
        let cache = tempfile::tempdir().unwrap();
        let place = unpack(cache.path()).unwrap();
        assert!(place.join("tradewind/host.py").is_file());
        fs::write(place.join("mark"), "").unwrap();
        assert_eq!(unpack(cache.path()).unwrap(), place);
        assert!(place.join("mark").exists(), "the second start must not write it again");
        assert!(FILES.iter().all(|(name, _)| !name.contains("__pycache__") && !name.contains("/tests/")));
    }
}
