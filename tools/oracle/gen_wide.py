#!/usr/bin/env python3
"""Writes random sequences of calls over every kind of descriptor as cases for record.py.

    gen_wide.py SEED COUNT STEPS > random.json

In gen_random.py's style with a wider vocabulary: TCP/UDP over IPv4, IPv6 and mapped addresses, Unix
stream/dgram/seqpacket (named, abstract, pairs, SCM_RIGHTS), pipes, eventfds, timerfds (long), files,
several epolls (nested, ET, ONESHOT, EXCLUSIVE), dup/dup2, poll/select, options, fcntl, ioctl, wrong
calls on purpose.  Everything is non-blocking; backlogs have room; payloads are small; no TCP cork, no
REUSEPORT (hashing), no TCP timers but the delayed ACK (settle_ms 60).  Every third case is observed
by the replayer's polling no more (observe: false): there the order of epoll events counts and
epoll_wait is asked for few events.
"""
import json, random, sys

THEMES = {"tcp":  dict(tcp=6, tcp6=1, listener=1, epoll=.5),
          "ip6":  dict(tcp6=4, tcp=2, listener=1, listener6=1, udp6=2, udp=1, epoll=.5),
          "udp":  dict(udp=6, udp6=2, epoll=.7),
          "unix": dict(ustream=2, udgram=3, useq=1, upair=3, ulistener=1, epoll=.5),
          "scm":  dict(upair=4, udgram=1, pipe=1, eventfd=2, tcp=1, epoll=.6, timerfd=.3),
          "fds":  dict(pipe=3, eventfd=2, timerfd=1, epoll=1.5, file=.5, upair=1, tcp=.5),
          "mix":  dict(tcp=3, tcp6=1, listener=.5, listener6=.3, udp=2, udp6=.5, ustream=1, udgram=1, useq=.5, upair=1.5, ulistener=.5, pipe=1, eventfd=1, timerfd=.4, epoll=1, file=.2)}
TCP, UDP = ("tcp", "tcp6", "conn", "listener", "listener6"), ("udp", "udp6")
UNIX = ("ustream", "useq", "udgram", "uconn", "ulistener", "upair")

def case(seed, steps):
    rng, out, n = random.Random(seed), [], [0]
    theme = rng.choice(list(THEMES) + ["mix", "tcp", "unix"])
    weights, observe = THEMES[theme], seed % 3 != 0
    live, dead, sure, kind, fam, queue, far, wanted = [], [], set(), {}, {}, {}, {}, {}      # far: the other end, if known; sure: made without fail
    todo, maybe, p = [], set(), rng.random

    def add(call, args, **more): out.append({"call": call, "args": args, **more})
    def name(k, f=4):
        n[0] += 1; x = "%s%d" % (k[0], n[0]); kind[x], fam[x] = k, f; live.append(x); sure.add(x); return x
    def some(*kinds): return [x for x in live if kind[x] in kinds]
    def pick(*kinds):
        """mostly one of these kinds, sometimes any descriptor, seldom a dead or wrong one"""
        r = p()
        if r < .01: return "-1"
        if r < .025 and dead: return rng.choice(dead)
        c = some(*kinds) if kinds and r < .95 else live
        if not c and p() < .8:
            k = [k for k in kinds if k in weights] or (["epoll"] if "epoll" in kinds else [])
            if k: make(rng.choice(k)); c = some(*kinds)
        if p() < .85: c = [x for x in c if x in sure] or c
        return rng.choice(c or live)
    def linked():
        """a descriptor whose other end is known"""
        c = [x for x in live if far.get(x) in live]
        return rng.choice(c) if c else rw()
    def socks(): return pick(*TCP, *UDP, *UNIX)
    def rw(): return pick(*TCP, *UDP, *UNIX, "pipe", "eventfd", "timerfd", "file")
    def ip(f=4, bindable=False):
        if f == 6: pool = ["[::1]:7001"] * 4 + ["[::1]:7002"] * 2 + ["[::ffff:127.0.0.1]:7001"] * 3 + ["[::ffff:127.0.0.1]:7002", "[::]:7001", "[::1]:7009", "127.0.0.1:7001", "[::1]:0"]
        else: pool = ["127.0.0.1:7001"] * 5 + ["127.0.0.1:7002"] * 3 + ["127.0.0.2:7001", "0.0.0.0:7001", "0.0.0.0:7002", "127.0.0.1:7009", "127.0.0.1:7009", "[::1]:7001", "127.0.0.1:0"]
        c = some(*TCP, *UDP)
        if not bindable:
            if c and p() < .2: return "@" + rng.choice(c)
            if p() < .08: return "unspec"
        elif p() < .03: return rng.choice(("192.0.2.1:7001", "unspec"))
        return rng.choice(pool)
    def un(bindable=False):
        pool = ["unix:a", "unix:b", "unix:c", "unix:@x", "unix:@y", "unix:@z"]
        if bindable: return rng.choice(pool * 3 + ["unix:", "unix:no/dir"])
        c = some(*UNIX)
        if c and p() < .3: return "@" + rng.choice(c)
        return rng.choice(pool * 3 + ["unix:none", "unspec", "unix:."])
    def addr(fd, bindable=False):
        k = kind.get(fd, "")
        if p() < .04: return rng.choice((ip(4, bindable), ip(6, bindable), un(bindable)))
        return un(bindable) if k in UNIX else ip(fam.get(fd, 4), bindable)
    def events():
        e = [x for x in ("IN", "OUT", "RDHUP", "PRI") if p() < .6] + [x for x in ("RDNORM", "WRNORM", "RDBAND", "HUP", "ERR") if p() < .05]
        return "|".join(e + rng.choice([[], [], [], ["ET"], ["ET"], ["ONESHOT"], ["ET", "ONESHOT"], ["EXCLUSIVE"]]))
    def text(): return rng.choice(("a", "bc", "hello", "0123456789", "", "xyz"))
    def sflags(fd):
        f = [["MSG_NOSIGNAL"]] * 9 + [[0]] + [["MSG_NOSIGNAL", x] for x in ("MSG_DONTWAIT", "MSG_EOR", "MSG_CONFIRM", "MSG_DONTROUTE")]
        if kind.get(fd) in TCP + ("upair", "uconn", "ustream"): f = f + [["MSG_NOSIGNAL", "MSG_OOB"]] * 3
        if kind.get(fd) in UDP: f = f + [["MSG_NOSIGNAL", "MSG_MORE"]]
        f = rng.choice(f)
        return 0 if f == [0] else "|".join(f)
    def rflags(fd):
        f = [0] * 9 + ["MSG_PEEK", "MSG_PEEK", "MSG_TRUNC", "MSG_WAITALL", "MSG_DONTWAIT", "MSG_PEEK|MSG_TRUNC", "MSG_PEEK|MSG_WAITALL"]
        if kind.get(fd) in TCP + ("upair", "uconn"): f += ["MSG_OOB", "MSG_OOB", "MSG_OOB|MSG_PEEK"]
        if kind.get(fd) in UDP: f += ["MSG_ERRQUEUE"]
        return rng.choice(f)
    def length(): return rng.choice((1, 2, 3, 5, 100, 100, 100, 0))

    # --- making descriptors -----------------------------------------------------------------------
    def sock(k, dom, typ, f=4): x = name(k, f); add("socket", {"domain": dom, "type": typ + "|SOCK_NONBLOCK", "proto": 0, "as": x}); return x
    def make(k):
        if k == "tcp": return sock(k, "AF_INET", "SOCK_STREAM")
        if k == "tcp6": return sock(k, "AF_INET6", "SOCK_STREAM", 6)
        if k in UDP:
            x = sock(k, "AF_INET6" if k == "udp6" else "AF_INET", "SOCK_DGRAM", 6 if k == "udp6" else 4)
            if p() < .75: opt(x, "SO_REUSEADDR", 1) if p() < .2 else None; add("bind", {"fd": x, "addr": addr(x, True)})
            return x
        if k in ("listener", "listener6"):
            x = make("tcp6" if k == "listener6" else "tcp"); kind[x] = k
            if p() < .2: opt(x, "SO_REUSEADDR", 1)
            if k == "listener6" and p() < .25: opt(x, "IPV6_V6ONLY", 1)
            port = "7001" if not some("listener", "listener6")[1:] else rng.choice(("7001", "7002"))
            add("bind", {"fd": x, "addr": (rng.choice(("[::]:", "[::1]:", "[::ffff:127.0.0.1]:")) if k == "listener6" else rng.choice(("127.0.0.1:", "127.0.0.1:", "0.0.0.0:"))) + port})
            return listen(x)
        if k in ("ustream", "useq", "udgram", "ulistener"):
            t = {"ustream": "SOCK_STREAM", "useq": "SOCK_SEQPACKET", "udgram": "SOCK_DGRAM", "ulistener": rng.choice(("SOCK_STREAM", "SOCK_STREAM", "SOCK_SEQPACKET"))}[k]
            x = sock(k, "AF_UNIX", t)
            if k == "ulistener": add("bind", {"fd": x, "addr": un(True)}); return listen(x)
            if k == "udgram" and p() < .7: add("bind", {"fd": x, "addr": un(True)})
            return x
        if k == "upair":
            a, b = name(k), name(k); far[a], far[b] = b, a
            add("socketpair", {"domain": "AF_UNIX", "type": rng.choice(("SOCK_STREAM", "SOCK_STREAM", "SOCK_DGRAM", "SOCK_SEQPACKET")) + "|SOCK_NONBLOCK", "proto": 0, "as": [a, b]})
            return a
        if k == "pipe":
            a, b = name(k), name(k); far[a], far[b] = b, a
            add("pipe2", {"flags": "O_NONBLOCK" if p() < .9 else "O_NONBLOCK|O_DIRECT", "as": [a, b]}); return a
        x = name(k)
        if k == "epoll": add("epoll_create1", {"flags": 0, "as": x})
        elif k == "eventfd": add("eventfd", {"initval": rng.choice((0, 0, 1, 3)), "flags": rng.choice(("EFD_NONBLOCK", "EFD_NONBLOCK", "EFD_NONBLOCK|EFD_SEMAPHORE")), "as": x})
        elif k == "timerfd": add("timerfd_create", {"clock": "CLOCK_MONOTONIC", "flags": "TFD_NONBLOCK", "as": x})
        elif k == "file": add("open", {"path": rng.choice(("f", "g")), "flags": "O_RDWR|O_CREAT", "as": x})
        return x
    def listen(x): add("listen", {"fd": x, "backlog": 64}); queue[x] = 0; return x
    def opt(fd, o, v): add("setsockopt", {"fd": fd, "name": o, "level": level(o), "value": v})
    def level(o): return {"SO": "SOL_SOCKET", "TC": "IPPROTO_TCP", "UD": "SOL_UDP"}.get(o[:2], "IPPROTO_IPV6" if o[:4] == "IPV6" else "IPPROTO_IP")

    # --- calls ---------------------------------------------------------------------------------------
    def connect(fd=None):
        fd = fd or pick("tcp", "tcp6", "udp", "udp6", "ustream", "useq", "udgram", "udgram")
        k = kind.get(fd); ls = [l for l in live if kind[l] in (("ulistener",) if k in UNIX else ("listener", "listener6"))]
        to = "@" + rng.choice(ls) if ls and p() < .5 and k not in UDP and k != "udgram" else addr(fd)
        if to[:1] == "@" and k in TCP and kind.get(to[1:]) == "listener" and fam.get(fd) == 6: to = "[::ffff:127.0.0.1]:" + to
        if to[:1] == "@": wanted.setdefault(to[1:], []).append(fd)
        elif "@" in to: wanted.setdefault(to.split("@")[1], []).append(fd)
        if k in ("tcp", "tcp6"):
            if p() < .8: kind[fd] = "conn"
            for l in queue: queue[l] += 1
        elif k in ("ustream", "useq"):
            if p() < .8: kind[fd] = "uconn"
            for l in queue: queue[l] += 1
        add("connect", {"fd": fd, "addr": to})
    def accept():
        ls = [l for l in live if kind[l] in ("listener", "listener6", "ulistener") and queue.get(l, 0) > 0]
        if not ls and p() < .8: return
        fd = rng.choice(ls) if ls and p() < .95 else socks()
        if fd in queue: queue[fd] = max(0, queue[fd] - 1)
        x = name("uconn" if kind.get(fd) == "ulistener" else "conn", fam.get(fd, 4))
        maybe.add(x)
        if wanted.get(fd): c = wanted[fd].pop(0); far[c], far[x] = x, c
        else: sure.discard(x)
        add("accept4", {"fd": fd, "flags": "SOCK_NONBLOCK", "as": x})
    def send():
        fd = linked() if p() < .6 else rw(); k, r = kind.get(fd), p()
        if fd in far and far[fd] in live and p() < .5: todo.append(far[fd])
        if k == "eventfd" and r < .9: return add("write_u64", {"fd": fd, "value": rng.choice((0, 1, 2, 5, -1, -2))})
        if k in ("pipe", "file", "timerfd", "epoll") and r < .85: return add("write", {"fd": fd, "data": text()}) if r < .6 else add("writev", {"fd": fd, "iov": [text() for _ in range(rng.randint(1, 3))]})
        if r < .5: add("send", {"fd": fd, "flags": sflags(fd), "data": text()})
        elif r < .58: add("write", {"fd": fd, "data": text()})
        elif r < .64: add("writev", {"fd": fd, "iov": [text() for _ in range(rng.randint(1, 3))]})
        elif r < .72 and k not in UDP and k != "udgram": add("sendmsg", {"fd": fd, "iov": [text() for _ in range(rng.randint(1, 3))], "flags": sflags(fd)})
        elif k in UDP and p() < .6:
            to = rng.choice(some(*UDP)); todo.append(to)
            host = ("127.0.0.1:@" if fam[to] == 4 else "[::1]:@") if fam[fd] == fam[to] else "[::ffff:127.0.0.1]:@"
            add("sendto", {"fd": fd, "flags": sflags(fd), "data": text(), "addr": host + to})
        elif k == "udgram" and p() < .6:
            to = rng.choice(some("udgram")); todo.append(to); add("sendto", {"fd": fd, "flags": sflags(fd), "data": text(), "addr": "@" + to})
        else: add("sendto", {"fd": fd, "flags": sflags(fd), "data": text(), "addr": addr(fd)}) if r < .9 else add("sendmsg", {"fd": fd, "iov": [text()], "flags": "MSG_NOSIGNAL", "addr": addr(fd)})
    def recv(fd=None):
        fd = fd or (linked() if p() < .5 else rw()); k, r = kind.get(fd), p()
        if k in ("eventfd", "timerfd") and r < .9: return add("read_u64", {"fd": fd})
        if k in ("pipe", "file", "epoll") and r < .85: return add("read", {"fd": fd, "len": length()}) if r < .6 else add("readv", {"fd": fd, "iov": [length() for _ in range(rng.randint(1, 3))]})
        if r < .45: add("recv", {"fd": fd, "len": length(), "flags": rflags(fd)})
        elif r < .6: add("recvfrom", {"fd": fd, "len": length(), "flags": rflags(fd)})
        elif r < .67: add("read", {"fd": fd, "len": length()})
        elif r < .74: add("readv", {"fd": fd, "iov": [length() for _ in range(rng.randint(1, 3))]})
        else: recvmsg(fd)
    def recvmsg(fd):
        got = [name(rng.choice(("eventfd", "pipe", "conn", "upair"))) for _ in range(2)] if p() < .7 and kind.get(fd) in UNIX else []
        for g in got: live.remove(g); sure.discard(g)      # only perhaps there; the names serve later as odd descriptors
        dead.extend(got)
        a = {"fd": fd, "iov": [length() for _ in range(rng.randint(1, 3))], "flags": rflags(fd)}
        c = rng.choice((64, 64, 64, 20, 24, 8, 0))
        if c: a["control"] = c
        if got: a["rights_as"] = got
        add("recvmsg", a)
    def rights():
        fd = pick("upair", "uconn", "udgram")
        p(); ok = [x for x in live if kind[x] not in UNIX]      # no Unix sockets: the garbage collector of cycles takes its time
        a = {"fd": fd, "iov": [text() or "r"], "flags": "MSG_NOSIGNAL", "rights": [rng.choice(ok) if p() < .96 and ok else "-1" for _ in range(rng.choice((1, 1, 2)))]}
        if kind.get(fd) == "udgram" and p() < .7: a["addr"] = un()
        add("sendmsg", a)
        if fd in far and far[fd] in live and p() < .6:
            if p() < .4 and a["rights"][0] in live: close(a["rights"][0])
            if far[fd] in live: recvmsg(far[fd])
    GET = ["SO_ERROR"] * 6 + ["SO_TYPE", "SO_DOMAIN", "SO_PROTOCOL", "SO_ACCEPTCONN", "SO_REUSEADDR", "SO_LINGER", "SO_KEEPALIVE", "SO_OOBINLINE", "SO_RCVLOWAT", "SO_PEEK_OFF", "SO_BROADCAST",
           "SO_RCVTIMEO", "SO_PASSCRED", "TCP_NODELAY", "TCP_INFO", "TCP_INFO", "TCP_USER_TIMEOUT", "IP_TOS", "IP_TTL", "IP_RECVERR", "IPV6_V6ONLY", "UDP_CORK"]
    SET = [("SO_REUSEADDR", 1), ("SO_LINGER", [1, 0]), ("SO_LINGER", [1, 0]), ("SO_LINGER", [0, 0]), ("SO_LINGER", [1, 1]), ("SO_OOBINLINE", 1), ("SO_OOBINLINE", 0), ("SO_RCVLOWAT", 3), ("SO_RCVLOWAT", 1),
           ("SO_PEEK_OFF", 0), ("SO_PEEK_OFF", 1), ("SO_PEEK_OFF", -1), ("SO_BROADCAST", 1), ("SO_KEEPALIVE", 1), ("TCP_NODELAY", 1), ("IP_TOS", 16), ("IP_RECVERR", 1), ("IP_RECVERR", 0),
           ("IPV6_V6ONLY", 1), ("IPV6_V6ONLY", 0), ("UDP_CORK", 1), ("UDP_CORK", 0), ("UDP_CORK", 0), ("TCP_DEFER_ACCEPT", 0), ("IP_TTL", 0), ("SO_TYPE", 1)]
    def fits(fd, o):
        k = kind.get(fd, "")
        return p() < .08 or o[:3] == "SO_" or o[:3] == "TCP" and k in TCP or o[:3] == "UDP" and k in UDP or o[:2] == "IP" and o[:4] != "IPV6" and k in TCP + UDP or o[:4] == "IPV6" and fam.get(fd) == 6
    def close(fd=None):
        fd = fd or pick()
        if fd in live: live.remove(fd); dead.append(fd)
        add("close", {"fd": fd})
    def dup():
        fd = pick(); x = name(kind.get(fd, "dup"), fam.get(fd, 4)); sure.discard(x)
        if fd in far: far[x] = far[fd]
        if fd in queue: queue[x] = queue[fd]
        add("dup", {"fd": fd, "as": x})
    def dup2():
        fd, on = pick(), pick()
        if on not in live: return
        if fd in live: kind[on], fam[on] = kind[fd], fam[fd]
        far.pop(on, None); queue.pop(on, None)
        add("dup2", {"fd": fd, "onto": on})
    def ctl():
        ep = pick("epoll"); fd = pick("epoll") if p() < .12 else pick()
        a = {"ep": ep, "op": "EPOLL_CTL_" + rng.choice(("ADD", "ADD", "ADD", "ADD", "MOD", "MOD", "DEL")), "fd": fd, "events": events()}
        if p() < .05: a["data"] = "tag%d" % n[0]
        add("epoll_ctl", a)
    def wait(ep=None): add("epoll_wait", {"ep": ep or pick("epoll"), "max": 32 if observe else rng.choice((1, 2, 3, 32, 32)), "timeout_ms": 0})
    def pollcall():
        fds = [[pick(), "|".join(x for x in ("IN", "OUT", "PRI", "RDHUP", "RDNORM", "WRNORM", "RDBAND", "WRBAND", "HUP") if p() < .4)] for _ in range(rng.randint(1, 5))]
        add("poll", {"timeout_ms": 0, "fds": fds})
    def select():
        s = [[x for x in live if p() < .5 and x in sure and x not in maybe] for _ in range(3)]      # select() takes no -1: only names that stand for a number
        add("select", {"timeout_ms": 0, "read": s[0], "write": s[1], "except": s[2]})
    def misc():
        r, fd = p(), pick()
        if r < .3: add("ioctl", {"fd": rw(), "request": rng.choice(("FIONREAD", "FIONREAD", "SIOCOUTQ", "SIOCATMARK"))})
        elif r < .36: add("ioctl", {"fd": fd, "request": "FIONBIO", "value": 1})
        elif r < .46: add("fcntl", {"fd": fd, "cmd": "F_GETFL"})
        elif r < .52: add("fcntl", {"fd": fd, "cmd": "F_GETFD"})
        elif r < .57: add("fcntl", {"fd": fd, "cmd": "F_SETFD", "arg": rng.choice((0, 1))})
        elif r < .61: add("fcntl", {"fd": pick("pipe"), "cmd": "F_GETPIPE_SZ"})
        elif r < .66: add("unlink", {"path": rng.choice(("a", "b", "c", "f", "none"))})
        elif r < .76: add("timerfd_settime", {"fd": pick("timerfd"), "value_ms": rng.choice((0, 500000)), "interval_ms": rng.choice((0, 1000000))})
        elif r < .84: listen(pick("tcp", "tcp6", "ustream", "useq", "listener", "ulistener"))
        elif r < .92:
            x = pick("tcp", "tcp6", "udp", "udp6", "ustream", "udgram", "useq", "upair"); add("bind", {"fd": x, "addr": addr(x, True)})
        else: add("listen", {"fd": socks(), "backlog": 64})

    # --- the beginning: something to talk over -------------------------------------------------------
    ep = make("epoll")
    if theme in ("tcp", "ip6", "mix"):
        l = make("listener6" if theme == "ip6" else "listener")
        for _ in range(2 if theme == "tcp" else 1):
            c = make("tcp6" if theme == "ip6" and p() < .5 else "tcp")
            to = "@" + l if fam[c] == fam[l] else ("[::ffff:127.0.0.1]:@" if fam[c] == 6 else "127.0.0.1:@") + l
            add("connect", {"fd": c, "addr": to}); kind[c] = "conn"
            s = name("conn", fam[l]); sure.discard(s); add("accept4", {"fd": l, "flags": "SOCK_NONBLOCK", "as": s}); far[c], far[s] = s, c
    if theme in ("unix", "scm"): make("upair")
    if theme == "unix": make("ulistener")
    if theme == "udp": make("udp"); make("udp")
    if theme == "fds": make("pipe"); make("eventfd")
    for x in live[1:]:
        if p() < .5: add("epoll_ctl", {"ep": ep, "op": "EPOLL_CTL_ADD", "fd": x, "events": events()})
    CALLS = [(send, 17), (recv, 18), (connect, 8 if theme not in ("fds", "scm") else 2), (accept, 8 if theme in ("tcp", "ip6", "unix", "mix") else 1), (rights, 10 if theme == "scm" else 3 if theme in ("unix", "mix") else .3),
             (lambda: add("shutdown", {"fd": socks(), "how": rng.choice(["SHUT_WR"] * 5 + ["SHUT_RD", "SHUT_RD", "SHUT_RDWR", "SHUT_RDWR", 7])}), 6 if theme != "fds" else 1),
             (lambda: add("getsockopt", {"fd": (f := socks()), "name": (o := rng.choice([o for o in GET if fits(f, o)])), "level": level(o)}), 6),
             (lambda: opt((f := socks()), *rng.choice([o for o in SET if fits(f, o[0])])), 5), (close, 5), (dup, 2.5), (dup2, 1.5), (ctl, 9), (wait, 9 if observe else 20),
             (pollcall, 1.5 if observe else 5), (select, .7), (misc, 8), (lambda: add(rng.choice(("getsockname", "getpeername")), {"fd": socks()}), 3),
             (lambda: make(rng.choices(list(weights), list(weights.values()))[0]), 9)]
    while len(out) < steps - 1:
        while todo:
            x = todo.pop()
            if x in live and p() < .7: recv(x)
        f = rng.choices([c for c, _ in CALLS], [w for _, w in CALLS])[0]
        if len(live) >= 13 and f in (dup, accept, CALLS[-1][0]): f = close if p() < .5 else recv
        if len(live) < 4: f = CALLS[-1][0]
        f()
    wait(ep)
    text_ = json.dumps(out); needs = sorted(t for w, t in (("SOCK_STREAM", "stream"), ("SOCK_DGRAM", "dgram"), ("SEQPACKET", "seqpacket"), ("AF_UNIX", "unix"), ("AF_INET6", "ip6"), ('"AF_INET"', "ip4"), ("epoll_", "epoll"),
        ("eventfd", "eventfd"), ("timerfd", "timerfd"), ("pipe2", "pipe"), ("TCP_INFO", "tcp_info"), ("MSG_OOB", "oob"), ("ERRQUEUE", "errqueue"), ('"rights"', "scm_rights"), ('"select"', "select"), ("PEEK_OFF", "peek_off")) if w in text_)
    c = {"name": "wide.%d" % seed, "doc": "gen_wide.py seed %d: %s" % (seed, theme), "settle_ms": 60, "needs": needs, "steps": out}
    if not observe: c["observe"] = False
    return c

seed, count, steps = map(int, sys.argv[1:])
print(json.dumps({"cases": [case(s, steps) for s in range(seed, seed + count)]}))
