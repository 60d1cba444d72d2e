import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from governance import tick


class Command(BaseCommand):
    help = "Run the periodic work (outbox, sweep, sequencer, deadlines) until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        tick.run(stop)
