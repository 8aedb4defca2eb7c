"""What the rules know about commands: the tables behind the corpus."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.lint import shell
from incidentctl.lint.destructive import destructive
from incidentctl.lint.interactive import interactive
from tests.lint.linting import MINIMAL, findings_of, laid_over, rules_of

STUCK = """\
decision_tree:
  - ask: Is it stuck?
    id: stuck
    if_yes:
      - action: Free it
        id: free-it
"""
WHERE = """\
decision_tree:
  - ask: Where?
    id: where
    look: export NS=$(shopctl namespace)
    if_yes: [{note: Go on., id: on}]
  - ask: What?
    id: what
    look: kubectl get pods -n $NS
    if_yes: [{note: Go on., id: go}]
"""


def step(**keys: str) -> str:
    """A runbook with one more action that has these keys."""
    lines = "".join(f"        {name}: {json.dumps(value)}\n" for name, value in keys.items())
    return laid_over(f"{STUCK}{lines}", MINIMAL)


def of_command(line: str, key: str = "run") -> set[str]:
    """The rules that one command breaks, without those that speak about its step."""
    return rules_of(step(**{key: line}, takes="1 min", irreversible="nothing")) - {"missing-question", "shell-true"}


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("rm /etc/orders.conf", "rm"),
        ("sudo -u root rm -rf /var/lib/orders", "rm"),
        ("ssh db-1 'rm -rf /var/lib/orders'", "rm"),
        ("find /var/log -mtime +2 -print0 | xargs -0 -n 10 rm -f", "rm"),
        ("kubectl exec orders-0 -n shop -- sh -c 'kill -KILL 1'", "kill -9"),
        ("pkill -9 -f orders", "kill -9"),
        ("oc scale deployment/orders --replicas=0 -n shop", "oc scale --replicas=0"),
        ("helm uninstall orders", "helm uninstall"),
        ("aws ec2 terminate-instances --instance-ids i-1", "aws terminate-instances"),
        ("gcloud --project shop compute instances delete orders-1", "gcloud delete"),
        ("git push --force origin main", "git push --force"),
        ("git clean -fdx", "git clean"),
        ("redis-cli -h cache FLUSHALL", "redis-cli flushall"),
        ("curl -X DELETE https://search.example.com/orders", "curl -X DELETE"),
        ("psql orders -c 'drop   table queue'", "drop table"),
        ('mysql -e "UPDATE orders SET paid = 1"', "UPDATE orders SET"),
        ("mongosh --eval 'db.queue.deleteMany({})'", "deleteMany"),
        ("TRUNCATE queue", "TRUNCATE"),
        ("dd if=/dev/zero of=/dev/sdb", "dd"),
        ("mkfs.ext4 /dev/sdb", "mkfs.ext4"),
    ],
)
def test_what_destroys_is_named(line: str, word: str) -> None:
    assert destructive(line) == word


@pytest.mark.parametrize(
    "line",
    [
        "rm -f /tmp/orders.dump",
        "kill -HUP 1",
        "kubectl delete pod orders-0 --dry-run=client",
        "kubectl rollout restart deployment/orders",
        "kubectl scale deployment/orders --replicas=3",
        "kubectl get pods -l app=delete-me",
        "psql -c 'SELECT pg_terminate_backend(42)'",
        "mysql -e 'UPDATE orders SET paid = 1 WHERE id = 7'",
        "git branch -d merged",
        "echo 'rm -rf /'",
        "grep -r 'DROP TABLE' migrations",
        "dd if=/dev/sdb of=/dev/null",
        "docker run --rm orders",
        "# rm -rf /",
    ],
)
def test_what_can_be_done_again_destroys_nothing(line: str) -> None:
    assert destructive(line) == ""


@pytest.mark.parametrize(
    "line",
    [
        "sudo vim /etc/hosts",
        "journalctl -u orders -f",
        "tail -100f /var/log/orders.log",
        "tail -F /var/log/orders.log",
        "kubectl -n shop get pods -w",
        "kubectl debug node/n1 -it --image=busybox",
        "docker run --rm -ti ubuntu",
        "oc -n shop rsh orders-0",
        "ssh -i key -p 2222 ops@broker.example.com",
        "sudo su - postgres",
        "sudo -i",
        "bash",
        "psql -d orders",
        "sqlite3 orders.db",
        "top",
        "crontab -e",
        "git rebase -i HEAD~3",
    ],
)
def test_what_waits_for_a_keyboard_is_interactive(line: str) -> None:
    assert any(interactive(words) for words in shell.simple_commands(line))


@pytest.mark.parametrize(
    "line",
    [
        "ssh -N -L 5432:db:5432 bastion",
        "ssh bastion uptime",
        "kubectl exec orders-0 -n shop -- ls -it",
        "sudo lsof -i tcp:6379",
        "bash restart.sh",
        "bash -c 'restart orders'",
        "psql -c 'SELECT 1'",
        "psql --file=repair.sql orders",
        "sqlite3 orders.db 'SELECT 1'",
        "top -b -n 1",
        "tail -n 100 /var/log/orders.log",
        "journalctl -u orders --since -1h",
        "oc rsh orders-0 uptime",
        "man-page-of less",
        "crontab -l",
    ],
)
def test_what_ends_by_itself_is_not_interactive(line: str) -> None:
    assert not any(interactive(words) for words in shell.simple_commands(line))


def test_a_client_that_is_fed_does_not_wait() -> None:
    assert interactive(("psql", "orders")) == "psql"
    assert interactive(("psql", "orders"), has_input=True) == ""


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("queuectl free <queue>", ["<queue>"]),
        ("kubectl -n<NS> get pod/<pod name>", ["<NS>", "<pod name>"]),
        ('export NS="<namespace>"', ["<namespace>"]),
        ("curl -H 'Token: YOUR_API_KEY' https://example.com", ["YOUR_API_KEY"]),
        ("queuectl free [queue] {region}", ["[queue]", "{region}"]),
        ("queuectl login --password XXXX", ["XXXX"]),
        # what only looks like one
        ("kubectl get svc | grep '<none>'", []),
        ("grep '<title>' index.html", []),
        ("curl -d '<order><id>7</id></order>' https://example.com", []),
        ("psql -c 'SELECT * FROM a WHERE b <c AND d> 5'", []),
        ("cat <in.txt >out.txt", []),
        ("kubectl get pods -o jsonpath='{.items[0]}' -l x=[a-z]", []),
        ("mktemp /tmp/orders.XXXXXX", []),
        ("git show HEAD@{1}", []),
        ("queuectl free orders  # CHANGEME if needed", []),
    ],
)
def test_placeholders_are_told_from_what_looks_like_them(line: str, found: list[str]) -> None:
    assert list(shell.placeholders(line)) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("kubectl -n $NS get pods", ["NS"]),
        ('psql "${DSN}"', ["DSN"]),
        ("echo ${NS:-shop} ${NS:?}", []),
        ("awk '{print $NS}'", []),
        (r"echo \$NS $1 $? $$ $(date)", []),
        ('sh -c "echo $NS" # $OTHER', ["NS"]),
    ],
)
def test_variables_are_those_that_a_shell_fills_in(line: str, found: list[str]) -> None:
    assert list(shell.variables(line)) == found


@pytest.mark.parametrize(
    "line",
    [
        "NS=shop kubectl get pods -n $NS",
        "for NS in shop eu; do kubectl get pods -n $NS; done",
        "read -r NS; kubectl get pods -n $NS",
    ],
)
def test_a_variable_that_the_line_sets_is_filled_in(line: str) -> None:
    assert "undefined-placeholder" not in of_command(line)


def test_a_variable_that_an_earlier_command_sets_is_filled_in() -> None:
    assert "undefined-placeholder" not in rules_of(laid_over(WHERE))


@pytest.mark.parametrize(
    ("line", "sign"),
    [
        ("a | b", "`|`"),
        ("a 2>&1", "`>&`"),
        ("a && b || c", "`&&`, `||`"),
        ("a; b", "`;`"),
        ("a\nb", "a new line"),
        ("(a)", "`(`"),
        ("a $(b)", "`$(`"),
        ('a "$(b)"', "`$(`"),
        ('a "`b`"', "a backquote"),
        ("cat <<EOF\nit's one\nEOF", "`<<`"),
    ],
)
def test_what_a_shell_would_have_to_do_is_named(line: str, sign: str) -> None:
    found = [finding.message for finding in findings_of(step(run=line)) if finding.rule == "shell-syntax"]
    assert found == [f"this command needs a shell, for {sign}"]


@pytest.mark.parametrize(
    "line",
    [
        "psql -c 'SELECT a|b; SELECT 1 > 0 && true'",
        'curl --data="a|b&c" https://example.com',
        r"find . -name \*.log -exec ls {} \;",
        "kubectl get pods \\\n  -n shop",
        "docker inspect --format '{{ .State }}' orders",
        "queuectl free <queue>",
    ],
)
def test_what_is_quoted_needs_no_shell(line: str) -> None:
    assert "shell-syntax" not in of_command(line)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("kubectl get pods", True),
        ("sudo kubectl logs orders-0", True),
        ("kubectl get pods -A | xargs kubectl delete pod", True),
        ("kubectl delete deploy/orders,svc/orders", True),
        ("kubectl exec orders-0 -- ls -n", True),
        ("kubectl -nshop get pods", False),
        ("kubectl get pods --namespace shop", False),
        ("kubectl --context=eu rollout undo deployment/orders", False),
        ("kubectl apply -f orders.yaml", False),
        ("kubectl get nodes -l pool=orders", False),
        ("kubectl config use-context eu", False),
        ("oc edit flowcollector cluster", False),
    ],
)
def test_kubectl_needs_a_namespace_where_something_lives_in_one(line: str, *, found: bool) -> None:
    assert ("no-target" in of_command(line, "undo")) is found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("rm -rf $DIR/", True),
        ('rm -r "${DIR}"/*', True),
        ("chown -R me: $DIR/old", True),
        ("find $DIR/ -name x -exec rm {} +", True),
        ("rm -rf ${DIR:?}/", False),
        ("rm -rf /srv/$DIR/old", False),
        ("rm $DIR/one", False),
        ("ls $DIR/", False),
        ("find $DIR/ -name x", False),
    ],
)
def test_an_empty_variable_must_not_reach_the_root(line: str, *, found: bool) -> None:
    assert ("unsafe-expansion" in of_command(line)) is found


LINES = st.text(alphabet="ab rm$NS{}<>|&;()'\"\\\n#`=-/[]", max_size=60)


@given(LINES)
def test_any_line_can_be_looked_at(line: str) -> None:
    commands = shell.simple_commands(line)
    assert all(words and words[0] for words in commands) or "''" in line or '""' in line
    assert shell.unreadable(line) in {"", "a quote is not closed", "it ends in a backslash"}
    for words in commands:
        interactive(words)
    destructive(line)
    shell.operators(line)
    assert all(name.isidentifier() for name in shell.variables(line))
    assert all(written in line for written in (*shell.placeholders(line), *shell.inputs(line)))


def by_shlex(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&")
    lexer.whitespace_split = True
    lexer.commenters = ""
    return list(lexer)


def pieces_or_problem(split: Callable[[str], Iterable[str]], line: str) -> list[str] | str:
    try:
        return list(split(line))
    except ValueError as error:
        return str(error)


@given(st.text(alphabet="ab'\" ;|&<>()\t\\\r\n#$\ue03b\x0b\u2003x", max_size=12))
def test_a_line_is_taken_apart_as_shlex_does(line: str) -> None:
    assert pieces_or_problem(shell.pieces_of, line) == pieces_or_problem(by_shlex, line)


@given(st.lists(st.text(alphabet="ab|&;<>()$'\" ", min_size=1, max_size=8), min_size=1, max_size=4))
def test_a_quoted_word_is_one_word_and_no_operator(words: list[str]) -> None:
    single = [word.replace("'", "") or "a" for word in words]
    line = " ".join(["run", *(f"'{word}'" for word in single)])
    assert shell.operators(line) == ()
    assert shell.simple_commands(line)[0] == ("run", *single)
