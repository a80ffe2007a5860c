"""The command at work on something that goes on, for the tests beside this file."""
import codecs
import os
import select
import signal
import subprocess
import tempfile
import time
from tale import BINARY, check, equal


class Reader:
    """The command, with what it is fed held in our hand."""

    def __init__(self, *arguments, stdin=subprocess.PIPE):
        environment = {**os.environ, 'COLUMNS': '80'}
        environment.pop('SSLKEYLOGFILE', None)
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen([BINARY, *arguments], stdin=stdin, stdout=subprocess.PIPE, stderr=self.errors,
                                        env=environment, bufsize=0)
        self.text = ''
        self.decoder = codecs.getincrementaldecoder('utf-8')()  # a read may end amid a character

    def feed(self, data):
        self.process.stdin.write(data)

    def wait_for(self, word, seconds=20):
        end = time.monotonic() + seconds
        while word not in self.text and time.monotonic() < end:
            if select.select([self.process.stdout], [], [], 0.1)[0]:
                more = os.read(self.process.stdout.fileno(), 65536)
                if not more:
                    break
                self.text += self.decoder.decode(more)
        return check(word in self.text, f'{word!r} never came: {self.text[-400:]!r} {self.err()!r}')

    def wait_for_error(self, word, seconds=20):
        end = time.monotonic() + seconds
        while word not in self.err() and time.monotonic() < end:
            time.sleep(0.05)
        return check(word in self.err(), f'{word!r} was never said: {self.err()!r}')

    def err(self):
        self.errors.seek(0)
        return self.errors.read().decode()

    def stop(self, number=signal.SIGINT, status=0):
        if number:
            self.process.send_signal(number)
        elif self.process.stdin:
            self.process.stdin.close()
        try:
            while True:
                if not select.select([self.process.stdout], [], [], 20)[0]:
                    raise subprocess.TimeoutExpired('', 20)
                more = os.read(self.process.stdout.fileno(), 65536)
                if not more:
                    break
                self.text += self.decoder.decode(more)
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            check(False, 'no end after the end')
        if self.process.stdin:
            self.process.stdin.close()
        equal(self.process.returncode, status, f'exit status: {self.err()!r}')
        return self.text
