"""Mail of tasks: a real mail server, the real product."""
from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from measure import Product, until
from post import MailServer

#: Quick tries, and every alert for itself.
QUICK = {"AIRFLOW__ALERTS__RETRY_FIRST": "0.05", "AIRFLOW__ALERTS__RETRY_LONGEST": "0.2", "AIRFLOW__ALERTS__GROUP_AFTER": "0"}
BOTH = ["first@example.com", "second@example.com"]

Serve = Callable[..., MailServer]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Makes mail servers; they end with the test."""
    made: list[MailServer] = []

    def make(*arguments: str) -> MailServer:
        made.append(MailServer(tmp_path / f"mails{len(made)}", *arguments))
        return made[-1]

    yield make
    for server in made:
        server.stop()


def authority(folder: Path) -> tuple[str, str]:
    """A certificate for localhost, and the authority that has signed it."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    ca.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    return str(folder / "server.pem"), str(folder / "ca.pem")


def report(product: Product, times: int) -> list[str]:
    """Runs `report_mail` as often, its scheduled run of today included, and gives the ids."""
    product.ready("report_mail")
    until(lambda: product.runs("report_mail"), 30, "the scheduled run is there", 0.02)
    ids = [product.runs("report_mail")[0]["dag_run_id"]]
    ids += [product.trigger("report_mail") for _ in range(times - 1)]
    for run_id in ids:
        product.finish("report_mail", run_id, 0.02)
    return ids


def answers(link: str) -> bool:
    with urllib.request.urlopen(link, timeout=30) as answer:
        return bool(answer.status == 200)


@pytest.mark.parametrize(
    ("tls", "mechanisms"), [("none", []), ("starttls", ["PLAIN"]), ("direct", ["LOGIN"]), ("none", ["PLAIN"])],
    ids=["plain", "starttls-plain", "tls-login", "auth-without-tls"],
)
def test_report_mail(start: Callable[..., Product], serve: Serve, tmp_path: Path, tls: str, mechanisms: list[str]) -> None:
    certificate, ca = authority(tmp_path)
    sign_in = ["--user", "sender:pass word", "--mechanisms", *mechanisms] if mechanisms else []
    server = serve("--tls", tls, "--certificate", certificate, *sign_in)
    server.start()
    settings = {"smtp_starttls": str(tls == "starttls"), "smtp_ssl": str(tls == "direct")}
    if mechanisms:
        settings |= {"smtp_user": "sender", "smtp_password": "pass word"}
    product = start("report_mail.py", env={**server.env(**settings), **QUICK, "SSL_CERT_FILE": ca})
    (run_id,) = report(product, 1)
    until(lambda: len(server.mails()) >= 3, 30, "three mails", 0.02)
    mails = server.mails()
    assert [mail.subject for mail in mails] == [
        f"Tradewind: report_mail.{task} succeeded (try 1 of 2)" for task in ("collect", "extract", "send")
    ]
    for mail in mails:
        assert mail.to == BOTH, "one mail to both"
        assert mail.message["To"] == ", ".join(BOTH)
        assert mail.message["From"] == "tradewind@example.com"
        assert (mail.tls, mail.user) == (tls != "none", "sender" if mechanisms else None)
        assert run_id in mail.text()
        assert "KST (+09:00)" in mail.text()
        assert "KST (+09:00)" in mail.text("html")
    assert "pass word" not in (product.home / "product.log").read_text()


def test_a_failing_task_tells_of_its_retry_and_its_failure(start: Callable[..., Product], serve: Serve) -> None:
    server = serve()
    server.start()
    product = start("alerts.py", env={**server.env(), **QUICK})
    product.ready("mail_fails")
    run_id = product.trigger("mail_fails")
    product.finish("mail_fails", run_id, 0.02, "failed")
    until(lambda: len(server.mails()) >= 2, 30, "two mails", 0.02)
    failed, retried = server.mails()
    assert failed.subject == "Tradewind: mail_fails.broken failed (try 2 of 2)"
    assert retried.subject == "Tradewind: mail_fails.broken failed and is tried again (try 1 of 2)"
    assert "Next try: " in retried.text()
    for mail in (failed, retried):
        assert mail.to == ["a@example.com", "b@example.com"]
        assert "Error: ValueError: no rows in <report>" in mail.text()
        assert "three rows were expected" in mail.text(), "the end of the log"
        assert "no rows in &lt;report&gt;" in mail.text("html")
        assert f"/dags/mail_fails/runs/{run_id.replace('+', '%2B')}/tasks/broken?try=" in mail.links()[0]
        assert all(answers(link) for link in mail.links())
    states = [one["state"] for one in product.call("GET", "/api/v2/tradewind/alerts/deliveries")["deliveries"]]
    assert states == ["sent", "sent"]


def test_what_waits_survives_the_server_and_the_product(start: Callable[..., Product], serve: Serve) -> None:
    server = serve()
    product = start("report_mail.py", "alerts.py", env={**server.env(), **QUICK})
    report(product, 3)
    product.ready("mail_written")
    product.finish("mail_written", product.trigger("mail_written"), 0.02)
    waiting = product.call("GET", "/api/v2/tradewind/alerts/deliveries?state=waiting&state=sending")
    assert waiting["total_entries"] == 10, "a task that mails has succeeded when its mail is in the outbox"
    until(lambda: product.call("GET", "/api/v2/monitor/health")["alerts"]["status"] == "unhealthy", 30, "trouble is seen", 0.02)
    errors = {one["last_error"] for one in product.call("GET", "/api/v2/tradewind/alerts/deliveries")["deliveries"]}
    assert any(f"mail server localhost:{server.port}: Connection error" in (error or "") for error in errors), errors
    product.kill()
    product.start()
    product.sign_in()
    server.start()
    until(lambda: len(server.copies()) == 10, 60, "all mails have arrived", 0.05)
    sent = product_sent(product, 10)
    assert {one["state"] for one in sent} == {"sent"}
    assert max(server.copies().values()) <= 2
    written = next(mail for mail in server.mails() if mail.subject.startswith("Report manual__"))
    assert sorted(written.to) == ["a@example.com", "hidden@example.com"]
    assert [part.get_filename() for part in written.message.iter_attachments()] == ["alerts.py"]


def product_sent(product: Product, count: int) -> list[dict[str, str]]:
    def sent() -> list[dict[str, str]]:
        found: list[dict[str, str]] = product.call("GET", "/api/v2/tradewind/alerts/deliveries?state=sent&limit=100")["deliveries"]
        return found

    until(lambda: len(sent()) >= count, 60, f"{count} alerts are sent", 0.05)
    return sent()


def test_killed_while_mails_are_on_their_way(start: Callable[..., Product], serve: Serve) -> None:
    """The server has a mail and answers late: whether it has arrived is not known after the kill, and it comes once more at most."""
    server = serve()
    product = start("report_mail.py", env={**server.env(smtp_timeout="1"), **QUICK})
    server.start("--slow", "0.3")
    report(product, 2)
    for already in (1, 3):
        until(lambda seen=already: len(server.mails()) > seen, 30, "a mail is on its way", 0.005)  # type: ignore[misc]
        product.kill()
        product.start()
        product.sign_in()
    product_sent(product, 6)
    copies = server.copies()
    assert len(copies) == 6
    assert max(copies.values()) <= 2, copies


def test_who_is_refused_does_not_keep_it_from_others(start: Callable[..., Product], serve: Serve) -> None:
    server = serve("--refuse", "second@example.com", "b@example.com", "a@example.com")
    server.start()
    product = start("report_mail.py", "alerts.py", env={**server.env(), **QUICK})
    report(product, 1)
    product.ready("mail_fails")
    product.finish("mail_fails", product.trigger("mail_fails"), 0.02, "failed")
    sent = product_sent(product, 3)
    assert {tuple(mail.to) for mail in server.mails()} == {("first@example.com",)}
    assert [(one["address"], one["state"]) for one in sent[0]["recipients"]] == [("first@example.com", "sent"), ("second@example.com", "refused")]  # type: ignore[index,union-attr]
    assert "550" in sent[0]["last_error"]
    until(lambda: len(product.call("GET", "/api/v2/tradewind/alerts/deliveries?state=failed")["deliveries"]) == 2, 30, "refused by all", 0.02)
    failed = product.call("GET", "/api/v2/tradewind/alerts/deliveries?state=failed")["deliveries"]
    again = product.call("POST", f"/api/v2/tradewind/alerts/deliveries/{failed[0]['id']}/retry")
    assert again["state"] in ("waiting", "sending", "failed")
    listed = product.cli("alerts", "list", "--state", "sent", "-o", "json")
    assert "first@example.com" in listed.stdout, listed.stderr


def test_templates_of_users(start: Callable[..., Product], serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "subject").write_text("Airflow alert: {{ti}}")
    (tmp_path / "content").write_text("Try {{try_number}} out of {{max_tries + 1}}<br>{{exception_html}}<br><a href='{{ti.log_url}}'>Log</a>")
    server = serve()
    server.start()
    files = {"AIRFLOW__EMAIL__SUBJECT_TEMPLATE": str(tmp_path / "subject"), "AIRFLOW__EMAIL__HTML_CONTENT_TEMPLATE": str(tmp_path / "content")}
    product = start("alerts.py", env={**server.env(), **QUICK, **files, "AIRFLOW__EMAIL__FROM_EMAIL": "Reports <reports@example.com>"})
    product.ready("mail_fails")
    run_id = product.trigger("mail_fails")
    until(lambda: len(server.mails()) >= 2, 30, "two mails", 0.02)
    failed, _ = server.mails()
    assert failed.subject == f"Airflow alert: <TaskInstance: mail_fails.broken {run_id} [failed]>"
    assert failed.text("html").startswith("Try 2 out of 2<br>Traceback")
    assert failed.message["From"] == "Reports <reports@example.com>"


def test_a_connection_says_which_server(start: Callable[..., Product], serve: Serve) -> None:
    server = serve("--user", "me:secret")
    server.start()
    uri = f"smtp://me:secret@localhost:{server.port}/?disable_tls=true&disable_ssl=true&from_email=conn%40example.com"
    product = start("report_mail.py", env={**QUICK, "AIRFLOW_CONN_SMTP_DEFAULT": uri})
    assert "was delivered" in product.cli("alerts", "test", "--to", "me@example.com").stdout
    answer = product.call("POST", "/api/v2/tradewind/alerts/test", {"channel": "email", "to": "you@example.com"})
    assert answer == {"ok": True, "error": None}
    assert {(mail.to[0], mail.user, mail.message["From"]) for mail in server.mails()} == {
        ("me@example.com", "me", "conn@example.com"), ("you@example.com", "me", "conn@example.com"),
    }
    server.stop()
    failed = product.cli("alerts", "test", "--to", "me@example.com")
    assert failed.returncode == 1
    assert f"mail server localhost:{server.port}" in failed.stderr
    assert "secret" not in failed.stderr
    answer = product.call("POST", "/api/v2/tradewind/alerts/test", {"channel": "email", "to": "you@example.com"})
    assert answer["ok"] is False
    assert "localhost" in answer["error"]


def test_a_server_without_an_answer_delays_nothing(start: Callable[..., Product], serve: Serve) -> None:
    """A mail server that takes connections and never speaks is no matter for the scheduler."""
    server = serve()
    server.start("--slow", "3600")
    product = start("report_mail.py", env={**server.env(smtp_timeout="1"), **QUICK})
    report(product, 5)
    assert product.rows is not None
    slowest = max(end - start for start, end in product.rows("SELECT start_date, end_date FROM dag_run"))
    assert slowest < 20_000_000
    failed = product.call("GET", "/api/v2/tradewind/alerts/deliveries?state=sent")
    assert failed["total_entries"] == 0
