"""jupyter console on a pseudo-terminal: execution, several lines, completion, input, interrupt, leaving."""
import re
import sys

import pexpect

from conftest import SOON


class Console:
    def __init__(self):
        self.p = pexpect.spawn(sys.executable, ["-m", "jupyter_console", "--kernel", "smoothlab"], encoding="utf-8", timeout=SOON, dimensions=(40, 120))
        self.expect(r"In \[1\]:")

    def expect(self, pattern):
        """Waits for text, whatever escape sequences stand between its characters."""
        esc = r"(?:\x1b\[[0-9;?]*[a-zA-Z]|\r|\n|\x1b[=>])*"
        self.p.expect(esc.join(re.findall(r"\\.|\[[^]]*\][+*]?|.[+*]?", pattern)))

    def type(self, text):
        self.p.send(text)


def test_console():
    c = Console()
    c.type("6*7\r")
    c.expect(r"Out\[1\]:")
    c.expect("42")
    c.expect(r"In \[2\]:")
    c.type("for i in range(2):\r")  # is_complete says: not yet
    c.expect(r"\.\.\.:")
    c.type("print(i+70)\r")
    c.expect(r"\.\.\.:")
    c.type("\r")
    c.expect("70")
    c.expect("71")
    c.expect(r"In \[3\]:")
    c.type("smoothadv_c\t")
    c.expect("smoothadv_consistency")
    c.type("\x15")  # away with it
    c.type('x = input("your na" + "me? ")\r')  # what is typed is seen, too
    c.expect(r"your name\?")
    c.type("me\r")
    c.expect(r"In \[4\]:")
    c.type("x\r")
    c.expect('"me"')
    c.expect(r"In \[5\]:")
    c.type('train(classifier("linear", seed=1), dataset("mnist-mini", split="train"), gaussian(), epochs=5000)\r')
    c.expect("training gaussian")
    c.p.sendintr()
    c.expect("interrupted")
    c.expect(r"In \[6\]:")
    c.p.sendeof()
    c.expect(r"exit")
    c.type("y\r")
    c.p.expect(pexpect.EOF)
