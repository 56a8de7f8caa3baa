//! Why a Python interpreter cannot carry us, in words.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

const SCRIPT: &str = r"
import importlib.util, sys
print('%d.%d.%d' % sys.version_info[:3])
print(' '.join(n for n in ('jinja2', 'pendulum') if importlib.util.find_spec(n) is None))
print(sys.executable)
";

/// Asks the interpreter; `None`: nothing is wrong with it.
pub async fn complaint(python: &Path) -> Option<String> {
    let shown = python.display();
    let mut command = Command::new(python);
    command.args(["-c", SCRIPT]).stdin(Stdio::null()).kill_on_drop(true);
    let output = match timeout(Duration::from_secs(20), command.output()).await {
        Ok(Ok(output)) => output,
        Ok(Err(e)) => {
            return Some(format!(
                "cannot run the Python interpreter {shown}: {e}. Install Python 3.10 or newer, or name one with TRADEWIND_PYTHON"
            ));
        }
        Err(_) => return Some(format!("the Python interpreter {shown} did not answer within 20 s")),
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines = text.lines();
    let (version, missing) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let executable = lines.next().unwrap_or_default();
    if !output.status.success() || version.is_empty() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Some(format!("{shown} is not a working Python interpreter: {}", words.trim()));
    }
    let mut numbers = version.split('.').map(|n| n.parse::<u32>().unwrap_or(0));
    if (numbers.next(), numbers.next()) < (Some(3), Some(10)) {
        return Some(format!("{shown} is Python {version}; 3.10 or newer is needed. Name another with TRADEWIND_PYTHON"));
    }
    if !missing.is_empty() {
        let install = format!("{executable} -m pip install {missing}");
        return Some(format!("{shown} lacks the Python packages {missing}. Run: {install}"));
    }
    None
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    async fn with_script(text: &str) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("python");
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        complaint(&path).await
    }

    #[tokio::test]
    async fn each_fault_says_what_to_do() {
        assert!(complaint(Path::new("/nowhere/python3")).await.unwrap().contains("TRADEWIND_PYTHON"));
        assert!(with_script("echo 3.9.2; echo; echo /p").await.unwrap().contains("3.10 or newer"));
        let lacks = with_script("echo 3.12.1; echo jinja2 pendulum; echo /opt/py").await.unwrap();
        assert!(lacks.ends_with("Run: /opt/py -m pip install jinja2 pendulum"), "{lacks}");
        assert!(with_script("exit 3").await.unwrap().contains("not a working"));
        assert_eq!(with_script("echo 3.12.1; echo; echo /opt/py").await, None);
    }
}
