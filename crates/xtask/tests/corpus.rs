//! Which files of a corpus are loaded, and how failures are told.

use std::fs;
use std::path::PathBuf;
use xtask::corpus::{Loaded, Report, find, mark_looked_at, reason};

fn folder(name: &str) -> PathBuf {
    let place = std::env::temp_dir().join(format!("corpus-{name}-{}", std::process::id()));
    drop(fs::remove_dir_all(&place));
    place
}

#[test]
fn dag_files_are_those_that_import_airflow_and_build_a_dag() {
    let place = folder("find");
    let dag = "from airflow import DAG\nwith DAG('a'): pass\n";
    for (name, text) in [
        ("one/dags/a.py", dag),
        ("one/copy.py", dag),
        ("one/helper.py", "from airflow.models import Variable\n"),
        ("one/no_import.py", "DAG('a')\n"),
        ("one/tests/b.py", "import airflow\nDAG('b')\n"),
        ("two/decorated.py", "from airflow.decorators import dag\n@dag\ndef x(): ...\n"),
        ("loose.py", dag),
    ] {
        let path = place.join(name);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    let found = find(&place).expect("a folder that can be read");
    let names: Vec<_> = found.iter().map(|file| file.path.strip_prefix(&place).expect("below").to_string_lossy().into_owned()).collect();
    assert_eq!(names, ["one/copy.py", "two/decorated.py"]);
    assert_eq!(found[0].root, place.join("one"));
    fs::remove_dir_all(place).expect("the folder goes");
}

#[test]
fn reasons_are_told_from_the_last_line() {
    for (error, expected) in [
        ("  File \"a.py\"\nSyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?\n", "Python 2"),
        ("NameError: name 'xrange' is not defined", "Python 2"),
        ("AttributeError: 'dict' object has no attribute 'iteritems'. Did you mean: 'items'?", "Python 2"),
        ("NameError: name 'nothing' is not defined", "NameError"),
        ("SyntaxError: invalid syntax", "no valid Python for this interpreter"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'x'", "needs a file that is not in the repository"),
        ("ModuleNotFoundError: No module named 'airflow.nothing'", "a name of airflow is missing"),
        ("ImportError: cannot import name 'x' from 'util'", "a module of its own is missing or broken"),
        ("airflow.sdk.exceptions.AirflowConfigException: section/key [a/b] not found", "needs a setting of its installation"),
        ("ProcessEnded: signal 11", "ended its process: signal 11"),
        ("KeyError: 'x'", "KeyError"),
    ] {
        assert_eq!(reason(error), expected);
    }
}

#[test]
fn python_2_does_not_count() {
    let file = |error: Option<&str>| failed("a.py", error);
    let errors = [
        None,
        Some("KeyError: 1"),
        Some("SyntaxError: Missing parentheses in call to 'print'"),
        Some("FileNotFoundError: 'x'"),
        Some("FileNotFoundError: 'y'"),
    ];
    let report = Report { files: errors.into_iter().map(file).collect() };
    assert!((report.percent() - 25.0).abs() < f64::EPSILON);
    assert!((report.percent_of_whole() - 50.0).abs() < f64::EPSILON);
    let text = report.text(false);
    let expected = "1 of 5 files loaded, 5 DAGs; stand-ins in 0\n  \
                    25.0 %  Python 2 apart\n  \
                    50.0 %  also without those that need what is not in their repository\n  \
                    50.0 %  also without their authors' own errors\n";
    assert!(text.ends_with(expected), "{text}");
    assert!(text.contains("     1  KeyError\n        a.py: KeyError: 1\n"), "{text}");
}

fn failed(path: &str, error: Option<&str>) -> Loaded {
    Loaded { path: path.into(), dags: 1, error: error.map(str::to_owned), stand_ins: false, looked_at: false }
}

#[test]
fn errors_of_authors_are_those_that_somebody_looked_at() {
    let files = vec![failed("/all/a/dag.py", Some("NameError: name 'x' is not defined")), failed("/all/a/good.py", None)];
    let mut report = Report { files };
    let list = "a/none.py: KeyError: 1\na/good.py: KeyError: 1\na/dag.py: KeyError: 1";
    let expected =
        ["a/none.py is no DAG file of the folder", "a/good.py is loaded", "a/dag.py fails otherwise: NameError: name 'x' is not defined"];
    assert_eq!(mark_looked_at(&mut report, "/all".as_ref(), list), expected);
    assert!((report.percent_of_right() - 50.0).abs() < f64::EPSILON);
    let list = "# looked at\n\na/dag.py: NameError: name 'x' is not defined\n";
    assert!(mark_looked_at(&mut report, "/all".as_ref(), list).is_empty());
    assert!((report.percent() - 50.0).abs() < f64::EPSILON);
    assert!((report.percent_of_right() - 100.0).abs() < f64::EPSILON);
    assert!(report.text(false).starts_with("     1  the author's own error, by those who looked at it\n"));
}
