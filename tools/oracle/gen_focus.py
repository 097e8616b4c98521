#!/usr/bin/env python3
"""Random sequences, each about one narrow mechanism: gen_focus.py SEED COUNT STEPS > cases.json

Kinds in turn: urgent data (TCP, Unix; inline or not), SO_PEEK_OFF and partial reads, pipes with sizes,
epoll ready-list order on eventfds, nested epolls, SCM_RIGHTS with partial reads and truncation, binding
(TCP, UDP, IPv4, IPv6, REUSEADDR, REUSEPORT, listen, close), UDP error queues, datagram truncation,
TCP backlog and accept, Unix backlog and queue limits, descriptor numbers."""
import json, random, sys

def case(seed, steps):
    rng, out = random.Random(seed), []
    p, pick = rng.random, rng.choice
    def add(call, **args):
        if "as_" in args: args["as"] = args.pop("as_")
        out.append({"call": call, "args": args})
    def socket(x, dom, typ): add("socket", domain=dom, type=typ + "|SOCK_NONBLOCK", proto=0, as_=x)
    def pair(a, b, typ): add("socketpair", domain="AF_UNIX", type=typ + "|SOCK_NONBLOCK", proto=0, as_=[a, b])
    LV = {"SO": "SOL_SOCKET", "TC": "IPPROTO_TCP", "IP": "IPPROTO_IP"}
    def so(fd, name, value): add("setsockopt", fd=fd, name=name, level="IPPROTO_IPV6" if name[:4] == "IPV6" else LV[name[:2]], value=value)
    def go(fd, name): add("getsockopt", fd=fd, name=name, level=LV[name[:2]])
    def tcp(c="c", s="s"):
        socket("l0", "AF_INET", "SOCK_STREAM"); add("bind", fd="l0", addr="127.0.0.1:7000"); add("listen", fd="l0", backlog=4)
        socket(c, "AF_INET", "SOCK_STREAM"); add("connect", fd=c, addr="127.0.0.1:7000"); add("accept4", fd="l0", flags="SOCK_NONBLOCK", as_=s); add("close", fd="l0")
    def send(fd, data, *f): add("send", fd=fd, data=data, flags="|".join(("MSG_NOSIGNAL",) + f))
    def recv(fd, n, f=0): add("recv", fd=fd, len=n, flags=f)
    letters = iter("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" * 9)
    def text(n): return "".join(next(letters) for _ in range(n))
    extra = {}

    def urgent():
        kind = pick(("tcp", "unix"))
        tcp() if kind == "tcp" else pair("c", "s", "SOCK_STREAM")
        if kind == "tcp": extra["settle_ms"] = 60
        if p() < .4: so("s", "SO_OOBINLINE", 1)
        while len(out) < steps:
            r = p()
            if r < .22: send("c", text(rng.randint(1, 3)))
            elif r < .4: send("c", text(rng.randint(1, 3)), "MSG_OOB")
            elif r < .6: recv("s", pick((1, 2, 3, 100)), pick((0, 0, 0, "MSG_PEEK", "MSG_WAITALL", "MSG_TRUNC")))
            elif r < .75: recv("s", pick((1, 1, 10, 0)), pick(("MSG_OOB", "MSG_OOB", "MSG_OOB|MSG_PEEK")))
            elif r < .87: add("ioctl", fd="s", request="SIOCATMARK")
            elif r < .94: add("ioctl", fd="s", request="FIONREAD")
            elif r < .96: so("s", "SO_OOBINLINE", pick((0, 1)))
            elif r < .975: add("shutdown", fd="c", how="SHUT_WR")
            else: add("poll", timeout_ms=0, fds=[["s", "IN|PRI|RDNORM|RDBAND|RDHUP"]])
    def peek():
        kind = pick(("tcp", "SOCK_STREAM", "SOCK_DGRAM", "SOCK_SEQPACKET", "udp"))
        if kind == "tcp": tcp(); extra["settle_ms"] = 60
        elif kind == "udp":
            for x, y in (("s", "7001"), ("c", "7002")): socket(x, "AF_INET", "SOCK_DGRAM"); add("bind", fd=x, addr="127.0.0.1:" + y)
            add("connect", fd="c", addr="127.0.0.1:7001")
        else: pair("c", "s", kind)
        so("s", "SO_PEEK_OFF", pick((0, 0, 1, 3)))
        while len(out) < steps:
            r = p()
            if r < .3: send("c", text(rng.randint(1, 5)) if p() < .93 else "")
            elif r < .6: recv("s", pick((1, 2, 3, 5, 100, 0)), pick(("MSG_PEEK", "MSG_PEEK", "MSG_PEEK|MSG_TRUNC", "MSG_PEEK|MSG_WAITALL")))
            elif r < .8: recv("s", pick((1, 2, 3, 5, 100)), pick((0, 0, "MSG_TRUNC", "MSG_WAITALL")))
            elif r < .9: go("s", "SO_PEEK_OFF")
            elif r < .94: so("s", "SO_PEEK_OFF", pick((0, 2, -1)))
            else: add("ioctl", fd="s", request="FIONREAD")
    def pipe():
        add("pipe2", flags=pick(("O_NONBLOCK", "O_NONBLOCK", "O_NONBLOCK", "O_NONBLOCK|O_DIRECT")), **{"as": ["r", "w"]})
        add("fcntl", fd="w", cmd="F_SETPIPE_SZ", arg=pick((4096, 8192, 16384)))
        while len(out) < steps:
            r = p(); n = pick((1, 10, 100, 1000, 4000, 4095, 4096, 4097, 5000, 8192, 12000))
            if r < .42: add("write", fd="w", len=n)
            elif r < .8: add("read", fd="r", len=n)
            elif r < .87: add("ioctl", fd=pick("rw"), request="FIONREAD")
            elif r < .92: add("fcntl", fd=pick("rw"), cmd="F_SETPIPE_SZ", arg=pick((4096, 8192, 16384)))
            elif r < .94: add("fcntl", fd="r", cmd="F_GETPIPE_SZ")
            elif r < .96: add("writev", fd="w", iov=[text(rng.randint(0, 4)) for _ in range(3)])
            elif r < .98: add("readv", fd="r", iov=[pick((0, 1, 3000)) for _ in range(3)])
            else: add("poll", timeout_ms=0, fds=[["r", "IN|OUT|RDHUP"], ["w", "IN|OUT"]])
    def ev(): return "|".join([e for e in ("IN", "OUT") if p() < .7] + pick(([], [], ["ET"], ["ET"], ["ONESHOT"], ["ET", "ONESHOT"])))
    def order():
        extra["observe"] = False
        add("epoll_create1", flags=0, as_="p"); names = ["a", "b", "c", "d"]
        for x in names: add("eventfd", initval=pick((0, 1)), flags="EFD_NONBLOCK", as_=x)
        for x in names: add("epoll_ctl", ep="p", op="EPOLL_CTL_ADD", fd=x, events=pick(("IN", "IN", "IN|ET", ev())))
        while len(out) < steps:
            r = p(); x = pick(names)
            if r < .25: add("write_u64", fd=x, value=1)
            elif r < .37: add("read_u64", fd=x)
            elif r < .45: add("epoll_ctl", ep="p", op="EPOLL_CTL_MOD", fd=x, events=ev())
            elif r < .49: add("epoll_ctl", ep="p", op="EPOLL_CTL_DEL", fd=x, events="")
            elif r < .56: add("epoll_ctl", ep="p", op="EPOLL_CTL_ADD", fd=x, events=ev())
            elif r < .6 and len(names) < 7: y = "n%d" % len(out); names.append(y); add("dup", fd=x, as_=y)
            elif r < .63 and len(names) > 3: names.remove(x); add("close", fd=x)
            else: add("epoll_wait", ep="p", max=pick((1, 1, 2, 3, 16)), timeout_ms=0)
    def nested():
        extra["observe"] = p() < .5
        eps = ["p", "q", "r"]
        for x in eps: add("epoll_create1", flags=0, as_=x)
        names = ["a", "b"]
        for x in names: add("eventfd", initval=0, flags="EFD_NONBLOCK", as_=x)
        add("epoll_ctl", ep="p", op="EPOLL_CTL_ADD", fd="q", events=pick(("IN", "IN|ET", "IN|ONESHOT"))); add("epoll_ctl", ep="q", op="EPOLL_CTL_ADD", fd=pick("ar"), events=pick(("IN", "IN|ET")))
        while len(out) < steps:
            r = p()
            if r < .25: add("write_u64", fd=pick(names), value=1)
            elif r < .35: add("read_u64", fd=pick(names))
            elif r < .6: add("epoll_ctl", ep=pick(eps), op="EPOLL_CTL_" + pick(("ADD", "ADD", "MOD", "DEL")), fd=pick(names + eps), events=pick(("IN", "IN|ET", "IN|ONESHOT", "IN|OUT")))
            elif r < .63: add("poll", timeout_ms=0, fds=[[x, "IN"] for x in eps])
            elif r < .65: add("dup", fd=pick(eps), as_="e%d" % len(out)); eps.append("e%d" % (len(out) - 1))
            elif r < .67 and len(eps) > 3: x = pick(eps); eps.remove(x); add("close", fd=x)
            else: add("epoll_wait", ep=pick(eps), max=16, timeout_ms=0)
    def rights():
        kind = pick(("SOCK_STREAM", "SOCK_STREAM", "SOCK_DGRAM", "SOCK_SEQPACKET")); pair("c", "s", kind)
        add("pipe2", flags="O_NONBLOCK", **{"as": ["r", "w"]}); add("eventfd", initval=0, flags="EFD_NONBLOCK", as_="e")
        have, n = ["r", "w", "e"], [0]
        while len(out) < steps:
            r = p()
            if r < .3: add("sendmsg", fd="c", iov=[text(rng.randint(1, 4)) if p() < .9 else ""], flags="MSG_NOSIGNAL", rights=[pick(have) if have and p() < .97 else "99" for _ in range(rng.randint(1, 3))])
            elif r < .4: send("c", text(rng.randint(1, 3)))
            elif r < .75:
                got = ["g%d" % (n[0] + i) for i in range(3)]; n[0] += 3
                f = pick((0, 0, 0, "MSG_PEEK", "MSG_WAITALL", "MSG_CMSG_CLOEXEC"))
                add("recvmsg", fd="s", iov=[pick((1, 2, 3, 100))], flags=f, control=pick((64, 64, 32, 24, 20, 16, 8, 0)), rights_as=got); have.append(got[0])
            elif r < .85: recv("s", pick((1, 2, 100)), pick((0, 0, "MSG_PEEK")))
            elif r < .9: add("close", fd=(x := pick(have or ["r"]))); have = [h for h in have if h != x]
            elif r < .93: add("ioctl", fd="s", request="FIONREAD")
            elif r < .96: add("write", fd="w", data="x")
            else: add("read", fd="r", len=10)
    def bind():
        fam = pick((0, 0, 1)); names, n = [], [0]; typ = pick(("SOCK_STREAM", "SOCK_STREAM", "SOCK_DGRAM"))
        while len(out) < steps:
            r = p()
            if r < .3 or not names:
                x = "s%d" % n[0]; n[0] += 1; v6 = fam and p() < .6; socket(x, "AF_INET6" if v6 else "AF_INET", typ); names.append(x)
                if p() < .5: so(x, "SO_REUSEADDR", 1)
                if p() < .3: so(x, "SO_REUSEPORT", 1)
                if v6 and p() < .35: so(x, "IPV6_V6ONLY", 1)
                port = pick(("7001", "7001", "7001", "7002"))
                add("bind", fd=x, addr=pick(("[::]:", "[::1]:", "[::ffff:127.0.0.1]:", "[::]:")) + port if v6 else pick(("127.0.0.1:", "127.0.0.1:", "0.0.0.0:", "127.0.0.2:")) + port)
            elif r < .55 and typ == "SOCK_STREAM": add("listen", fd=pick(names), backlog=4)
            elif r < .65: x = pick(names); names.remove(x); add("close", fd=x)
            elif r < .75: so(pick(names), pick(("SO_REUSEADDR", "SO_REUSEADDR", "SO_REUSEPORT")), pick((0, 1)))
            elif r < .8: add("shutdown", fd=pick(names), how="SHUT_RD")
            elif r < .85: add("connect", fd=pick(names), addr="unspec")
            elif r < .9: add("bind", fd=pick(names), addr="127.0.0.1:" + pick(("7001", "7002")))
            else: add("getsockname", fd=pick(names))
    def errq():
        v6 = p() < .3; host = "[::1]:" if v6 else "127.0.0.1:"
        socket("u", "AF_INET6" if v6 else "AF_INET", "SOCK_DGRAM"); add("bind", fd="u", addr=host + "7001"); socket("o", "AF_INET6" if v6 else "AF_INET", "SOCK_DGRAM"); add("bind", fd="o", addr=host + "7002")
        rec = lambda v: add("setsockopt", fd="u", name="25" if v6 else "IP_RECVERR", level="IPPROTO_IPV6" if v6 else "IPPROTO_IP", value=v)
        if p() < .7: rec(1)
        if p() < .5: add("connect", fd="u", addr=host + pick(("7002", "7008")))
        while len(out) < steps:
            r = p()
            if r < .25: add("sendto", fd="u", data=text(rng.randint(0, 4)), flags="MSG_NOSIGNAL", addr=host + pick(("7002", "7008", "7009")))
            elif r < .37: send("u", text(2))
            elif r < .47: add("sendto", fd="o", data=text(2), flags="MSG_NOSIGNAL", addr=host + "7001")
            elif r < .6: recv("u", pick((0, 1, 100)), pick((0, 0, "MSG_PEEK")))
            elif r < .8: add("recvmsg", fd="u", iov=[pick((0, 2, 100))], flags=pick(("MSG_ERRQUEUE", "MSG_ERRQUEUE", "MSG_ERRQUEUE|MSG_PEEK", 0)), control=pick((128, 128, 8)))
            elif r < .88: go("u", "SO_ERROR")
            elif r < .92: add("connect", fd="u", addr=pick((host + "7008", host + "7002", "unspec")))
            elif r < .95: rec(pick((0, 1)))
            elif r < .97: add("shutdown", fd="u", how=pick(("SHUT_RD", "SHUT_WR")))
            else: add("poll", timeout_ms=0, fds=[["u", "IN|OUT|PRI|RDHUP"]])
    def trunc():
        kind = pick(("SOCK_DGRAM", "SOCK_SEQPACKET", "udp"))
        if kind == "udp":
            for x, y in (("s", "7001"), ("c", "7002")): socket(x, "AF_INET", "SOCK_DGRAM"); add("bind", fd=x, addr="127.0.0.1:" + y)
            add("connect", fd="c", addr="127.0.0.1:7001")
        else: pair("c", "s", kind)
        while len(out) < steps:
            r = p()
            if r < .35: send("c", text(rng.randint(0, 6)), *pick(([], [], ["MSG_EOR"])))
            elif r < .6: recv("s", pick((0, 1, 3, 6, 100)), pick((0, "MSG_PEEK", "MSG_TRUNC", "MSG_PEEK|MSG_TRUNC", "MSG_WAITALL")))
            elif r < .8: add("recvmsg", fd="s", iov=[pick((0, 1, 2, 100)) for _ in range(rng.randint(0, 3))], flags=pick((0, "MSG_PEEK", "MSG_TRUNC")))
            elif r < .86: add("readv", fd="s", iov=[pick((0, 1, 2, 5)) for _ in range(2)])
            elif r < .9: add("read", fd="s", len=pick((0, 1, 10)))
            elif r < .94: add("ioctl", fd="s", request="FIONREAD")
            elif r < .97: add("writev", fd="c", iov=[text(rng.randint(0, 3)) for _ in range(2)])
            else: add("shutdown", fd=pick("cs"), how=pick(("SHUT_RD", "SHUT_WR")))
    def accept():
        extra["settle_ms"] = 60
        socket("l", "AF_INET", "SOCK_STREAM"); add("bind", fd="l", addr="127.0.0.1:7001"); add("listen", fd="l", backlog=50); n, cs = [0], []
        while len(out) < steps:
            r = p()
            if r < .3: x = "c%d" % n[0]; n[0] += 1; socket(x, "AF_INET", "SOCK_STREAM"); add("connect", fd=x, addr="127.0.0.1:7001"); cs.append(x)
            elif r < .5: x = "s%d" % n[0]; n[0] += 1; add("accept4", fd="l", flags="SOCK_NONBLOCK", as_=x); cs.append(x)
            elif r < .6 and cs: send(pick(cs), text(2))
            elif r < .66 and cs: x = pick(cs); so(x, "SO_LINGER", [1, 0]); cs.remove(x); add("close", fd=x)
            elif r < .72 and cs: x = pick(cs); cs.remove(x); add("close", fd=x)
            elif r < .78 and cs: add("shutdown", fd=pick(cs), how=pick(("SHUT_WR", "SHUT_RD", "SHUT_RDWR")))
            elif r < .81: add("shutdown", fd="l", how=pick(("SHUT_RD", "SHUT_WR")))
            elif r < .86: add("listen", fd="l", backlog=50)
            elif r < .88: add("connect", fd="l", addr="unspec")
            elif r < .94 and cs: recv(pick(cs), 10)
            elif r < .97 and cs: add(pick(("getpeername", "getsockname")), fd=pick(cs))
            elif cs: go(pick(cs), pick(("SO_ERROR", "TCP_INFO")))
    def ulimits():
        typ = pick(("SOCK_STREAM", "SOCK_SEQPACKET", "SOCK_DGRAM")); socket("l", "AF_UNIX", typ); add("bind", fd="l", addr="unix:l"); n, cs = [0], []
        if typ != "SOCK_DGRAM": add("listen", fd="l", backlog=pick((0, 1, 2)))
        while len(out) < steps:
            r = p()
            if r < .25 and len(cs) < 9: x = "c%d" % n[0]; n[0] += 1; socket(x, "AF_UNIX", typ); cs.append(x); add("connect", fd=x, addr="unix:l")
            elif r < .4 and cs: add("connect", fd=pick(cs), addr=pick(("unix:l", "unix:l", "unix:m")))
            elif r < .55:
                if typ == "SOCK_DGRAM":
                    if p() < .4: add("fill", fd=pick(cs or ["l"]), chunk=1, max=pick((3, 20)))
                    else: add("recvfrom", fd="l", len=10, flags=0)
                else: x = "s%d" % n[0]; n[0] += 1; add("accept4", fd="l", flags="SOCK_NONBLOCK", as_=x); cs.append(x)
            elif r < .7 and cs: send(pick(cs), text(1))
            elif r < .8 and cs: recv(pick(cs), 10)
            elif r < .86 and cs: x = pick(cs); cs.remove(x); add("close", fd=x)
            elif r < .9: add("listen", fd="l", backlog=pick((0, 1, 3)))
            elif r < .93 and cs: add("shutdown", fd=pick(cs), how=pick(("SHUT_WR", "SHUT_RD", "SHUT_RDWR")))
            elif r < .95: add("shutdown", fd="l", how=pick(("SHUT_RD", "SHUT_WR")))
            elif cs: add(pick(("getpeername", "getsockname")), fd=pick(cs))
    def numbers():
        names, n = [], [0]
        def new(): x = "f%d" % n[0]; n[0] += 1; names.append(x); return x
        while len(out) < steps:
            r = p(); x = pick(names) if names else "9"
            if r < .25: add("eventfd", initval=pick((0, 1, 2)), flags="EFD_NONBLOCK", as_=new())
            elif r < .35: a, b = new(), new(); add("pipe2", flags="O_NONBLOCK", **{"as": [a, b]})
            elif r < .42: add("dup", fd=x, as_=new())
            elif r < .5 and names: add("dup2", fd=x, onto=pick(names))
            elif r < .7: add("close", fd=x)
            elif r < .76: add("fcntl", fd=x, cmd="F_DUPFD", arg=pick((0, 3, 5, 40)))
            elif r < .8: add("fcntl", fd=x, cmd=pick(("F_GETFD", "F_GETFL")))
            elif r < .83: add("fcntl", fd=x, cmd="F_SETFD", arg=pick((0, 1)))
            elif r < .92: add("write_u64", fd=x, value=1)
            else: add("read_u64", fd=x)
    kinds = [urgent, peek, pipe, order, nested, rights, bind, errq, trunc, accept, ulimits, numbers]
    f = kinds[seed % len(kinds)]; f()
    need = json.dumps(out); tags = sorted(t for w, t in (("SOCK_STREAM", "stream"), ("SOCK_DGRAM", "dgram"), ("SEQPACKET", "seqpacket"), ("AF_UNIX", "unix"), ("AF_INET6", "ip6"), ('"AF_INET"', "ip4"), ("epoll_", "epoll"), ("eventfd", "eventfd"),
        ("pipe2", "pipe"), ("TCP_INFO", "tcp_info"), ("MSG_OOB", "oob"), ("ERRQUEUE", "errqueue"), ('"rights"', "scm_rights"), ("PEEK_OFF", "peek_off")) if w in need)
    for s in out:
        if s["call"] == "fill": s["loose"] = ["total"]
    c = {"name": "focus.%s.%d" % (f.__name__, seed), "doc": "gen_focus.py seed %d" % seed, "needs": tags, **{k: v for k, v in extra.items() if not (k == "observe" and v)}}
    c["steps"] = out
    return c

seed, count, steps = map(int, sys.argv[1:])
print(json.dumps({"cases": [case(s, steps) for s in range(seed, seed + count)]}))
