use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tradewind_python::{Exit, Lookup, ParseEnd, ParseLimits, ParseOutcome, ParseRequest};

use crate::Fixture;

const GOOD: &str = r#"
import helper_of_this_test
from airflow.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator
with DAG("good", schedule=None) as dag:
    BashOperator(task_id="a", bash_command="true") >> BashOperator(task_id="b", bash_command="true")
print("parsed", helper_of_this_test.X)
"#;

async fn parse(fixture: &Fixture, text: &str, limits: ParseLimits) -> ParseOutcome {
    let path = fixture.put("file.py", text);
    let request = ParseRequest { path, dags_folder: fixture.dags(), config: json!({}), env: json!({}), lookup: Some(Arc::new(Variables)) };
    fixture.host.parse(&request, limits).await.unwrap()
}

/// An installation with one variable.
#[derive(Debug)]
struct Variables;

impl Lookup for Variables {
    fn answer(&self, method: String, params: Value) -> Pin<Box<dyn Future<Output = Result<Value, Value>> + Send + '_>> {
        Box::pin(async move {
            match (method.as_str(), params["key"].as_str()) {
                ("variable.get", Some("place")) => Ok(json!({"found": true, "value": "Seoul"})),
                ("variable.get", _) => Ok(json!({"found": false})),
                _ => Err(json!({"code": "invalid", "message": format!("`{method}` is not for files")})),
            }
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_asks_for_variables_while_it_is_loaded() {
    let fixture = Fixture::new().await;
    let text = r#"
from airflow.models import Variable
from airflow.sdk import DAG
try:
    Variable.set("place", "x")
except Exception as error:
    print(error)
DAG(Variable.get("place") + Variable.get("nothing", "_else"), schedule=None)
with DAG(Variable.get("place"), schedule=None): pass
"#;
    let outcome = parse(&fixture, text, ParseLimits::default()).await;
    assert_eq!(outcome.errors, []);
    assert_eq!(outcome.dags[0]["dag_id"], "Seoul");
    assert!(outcome.output.contains("`variable.set` is not for files"), "{}", outcome.output);
    let outcome = parse(&fixture, "from airflow.models import Variable\nVariable.get('nothing')\n", ParseLimits::default()).await;
    assert!(outcome.errors[0].stacktrace.contains("Variable nothing does not exist"), "{:?}", outcome.errors);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_file_gives_its_forms_modules_and_output() {
    let fixture = Fixture::new().await;
    let helper = fixture.put("helper_of_this_test.py", "X = 7\n");
    let outcome = parse(&fixture, GOOD, ParseLimits::default()).await;
    assert_eq!(outcome.end, ParseEnd::Parsed, "{:?}", outcome.errors);
    assert_eq!(outcome.errors, []);
    assert_eq!(outcome.dags.len(), 1);
    assert_eq!(outcome.dags[0]["dag_id"], "good");
    assert_eq!(outcome.dags[0]["tasks"].as_array().unwrap().len(), 2);
    assert_eq!(outcome.modules, [helper]);
    assert!(outcome.output.contains("parsed 7"), "{}", outcome.output);
    assert_eq!(outcome.source_hash.len(), 64);
    fixture.host.stop().await;
}

/// Each bad file is one error in words that names the file; the host goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_costs_nothing_but_itself() {
    let fixture = Fixture::new().await;
    let crash = |code, signal| ParseEnd::Crashed(Exit { code, signal });
    let head = "# airflow dag\nimport os, sys, time\nprint('last words', flush=True)\n";
    let cases = [
        ("def broken(:\n", ParseEnd::Parsed, "SyntaxError"),
        ("1 / 0\n", ParseEnd::Parsed, "ZeroDivisionError"),
        ("os._exit(3)\n", crash(Some(3), None), "exited with code 3 before it was done"),
        ("os.kill(os.getpid(), 11)\n", crash(None, Some(11)), "killed by signal 11 (SIGSEGV)"),
        // Where it happened is in the output that goes with it.
        ("import ctypes\nctypes.string_at(0)\n", crash(None, Some(11)), "file.py\", line 5"),
        ("os.kill(os.getpid(), 9)\n", crash(None, Some(9)), "run out of memory"),
    ];
    for (code, end, words) in cases {
        let outcome = parse(&fixture, &format!("{head}{code}"), ParseLimits::default()).await;
        assert_eq!(outcome.end, end, "{code}");
        assert_eq!(outcome.errors.len(), 1, "{code}: {:?}", outcome.errors);
        let error = &outcome.errors[0];
        assert!(error.filename.ends_with("file.py") && error.stacktrace.contains(words), "{code}: {error:?}");
        if end != ParseEnd::Parsed {
            assert!(error.stacktrace.contains("file.py") && error.stacktrace.contains("last words"), "{error:?}");
        }
    }
    let outcome = parse(&fixture, &format!("{head}sys.exit('stop here')\n"), ParseLimits::default()).await;
    assert_eq!(outcome.errors.len(), 1);
    assert!(outcome.errors[0].stacktrace.to_lowercase().contains("exit"), "{:?}", outcome.errors);
    fixture.put("helper_of_this_test.py", "X = 7\n");
    assert_eq!(parse(&fixture, GOOD, ParseLimits::default()).await.dags.len(), 1, "the host goes on");
    fixture.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_file_is_ended_with_all_it_started() {
    let fixture = Fixture::new().await;
    let code = "import subprocess\np = subprocess.Popen(['sleep', '300'], start_new_session=True)\n\
                print('child', p.pid, flush=True)\nwhile True: pass\n";
    let limits = ParseLimits { timeout: Duration::from_secs(1), ..ParseLimits::default() };
    let began = Instant::now();
    let outcome = parse(&fixture, code, limits).await;
    assert_eq!(outcome.end, ParseEnd::TimedOut);
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert!(outcome.errors[0].stacktrace.contains("longer than 1 s"), "{:?}", outcome.errors);
    let child: i32 = outcome.output.split_whitespace().nth(1).unwrap().parse().unwrap();
    let alive = tradewind_python::snapshot().into_iter().any(|p| p.pid == child && p.alive());
    assert!(!alive, "the child in a session of its own is still there");
    fixture.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_is_bounded() {
    let fixture = Fixture::new().await;
    let code = "import time\nx = []\nwhile True:\n    x.append(bytearray(10 << 20))\n    time.sleep(0.005)\n";
    let limits = ParseLimits { memory: Some(300 << 20), ..ParseLimits::default() };
    let outcome = parse(&fixture, code, limits).await;
    assert_eq!(outcome.end, ParseEnd::TooMuchMemory);
    assert!(outcome.errors[0].stacktrace.contains("more than 300 MiB"), "{:?}", outcome.errors);
    fixture.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gigabyte_of_output_is_not_kept() {
    let fixture = Fixture::new().await;
    let code = "import os\nos.write(1, b'the head\\n')\nblock = b'x' * 999_999 + b'\\n'\n\
                for _ in range(1000): os.write(1, block)\nos.write(1, b'the tail\\n')\n";
    let outcome = parse(&fixture, code, ParseLimits::default()).await;
    assert_eq!(outcome.end, ParseEnd::Parsed, "{:?}", outcome.errors);
    assert!(outcome.output.len() < 70_000, "{}", outcome.output.len());
    assert!(outcome.output.starts_with("the head\n") && outcome.output.ends_with("the tail\n"));
    fixture.host.stop().await;
}
