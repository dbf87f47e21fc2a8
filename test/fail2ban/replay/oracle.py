"""Replays failures through fail2ban's own classes: the yardstick of test/fail2ban/replay/Replay.test.ts.

Reads one scenario a line as JSON on stdin, {"rules": {...}, "open": bool, "start": s, "events": [[second, host], ...]}, and writes for each
one line with its bans, [[host, at, until, banned again at ...], ...]. The clock is set to each event's time.
"""
import json, sys, logging
logging.disable(logging.CRITICAL)
from fail2ban.server.mytime import MyTime
from fail2ban.server.failmanager import FailManager, FailManagerEmpty
from fail2ban.server.ticket import FailTicket
from fail2ban.server.database import Fail2BanDb
from fail2ban.server.jail import Jail
from fail2ban.server.observer import ObserverThread, Observers
from fail2ban.server.filter import Filter


class Queue:
    """Stands in for the observer's thread: what it is given is done in order, once the actions have run."""
    def __init__(self, observer):
        self.observer, self.todo = observer, []
    def add(self, event, *arguments):
        self.todo.append((event, arguments))
    def run(self):
        while self.todo:
            event, arguments = self.todo.pop(0)
            getattr(self.observer, event)(*arguments)


def replay(scenario):
    rules = scenario["rules"]
    MyTime.setTime(scenario["start"])
    jail = Jail("scenario", "auto", Fail2BanDb(":memory:"))
    jail.database.addJail(jail)
    jail.isAlive = lambda: True
    jail.filter.failManager.setMaxRetry(rules["maxretry"])
    jail.filter.failManager.setMaxTime(rules["findtime"])
    jail.filter.performSvc = lambda force=False: None
    jail.actions.setBanTime(str(rules["bantime"]))
    increment = rules.get("increment")
    if increment:
        jail.database.purgeage = increment["dbpurgeage"]
        jail.setBanTimeExtra("increment", "true")
        jail.setBanTimeExtra("factor", str(increment["factor"]))
        if increment.get("multipliers"):
            jail.setBanTimeExtra("multipliers", " ".join(map(str, increment["multipliers"])))
        if increment.get("maxtime") is not None:
            jail.setBanTimeExtra("maxtime", str(increment["maxtime"]))
    observer = ObserverThread()
    observer.add_timer = lambda *a, **k: None
    queue = Observers.Main = Queue(observer)
    manager = jail.actions.banManager
    found, current = [], {}
    purged = scenario["start"]
    for second, host in scenario["events"]:
        MyTime.setTime(second)
        while purged + 3600 <= second:
            purged += 3600
            MyTime.setTime(purged)
            jail.database.purge()
        MyTime.setTime(second)
        for ticket in manager.unBanList(second):
            ended = current.pop(str(ticket.getID()))
            ended["until"] = ticket.getEndOfBanTime(manager.getBanTime())
        if host in current and not scenario["open"]:
            current[host]["prevented"] += 1
            continue
        jail.filter.failManager.cleanup(second)
        ticket = FailTicket(host, second, data={})
        attempts = jail.filter.failManager.addFailure(ticket)
        if attempts >= jail.filter.failManager.getMaxRetry():
            jail.filter.performBan(ticket.getID())
        queue.add("failureFound", jail, ticket)
        queue.run()
        before = set(map(str, manager.getBanList()))
        jail.actions._Actions__checkBan()
        queue.run()
        for ticket in list(manager):
            fid = str(ticket.getID())
            if fid not in before:
                current[fid] = {"host": fid, "at": ticket.getTime(), "until": None, "prevented": 0}
                found.append(current[fid])
    for ticket in list(manager):
        current[str(ticket.getID())]["until"] = ticket.getEndOfBanTime(manager.getBanTime())
    for ban in found:
        if ban["until"] > 0x7FFFFFFFFF:
            ban["until"] = None
    jail.database._db.close()
    return found


for line in sys.stdin:
    print(json.dumps(replay(json.loads(line))), flush=True)
