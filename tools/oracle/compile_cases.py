#!/usr/bin/env python3
"""Turns the compact case language (cases.txt) into cases.json for record.py.

    compile_cases.py cases.txt cases.json

case NAME [key=value...] | what it shows      starts a case
[~] [x =] call arg arg key=value ...          one step; arguments are positional, in SIG's order; ~ = outcome is loose
# ...                                         comment
Macros expand to plain steps: tcp/tcp6/udp/udp6/unix X, listener L ADDR BACKLOG, conn L C S, pair C S.
"""
import json, sys

NB = "SOCK_STREAM|SOCK_NONBLOCK"
SIG = {"socket": "domain type proto", "socketpair": "domain type proto", "pipe2": "flags", "eventfd": "initval flags",
       "timerfd_create": "clock flags", "epoll_create1": "flags", "dup": "fd", "dup2": "fd onto", "timerfd_settime": "fd value_ms interval_ms",
       "bind": "fd addr", "connect": "fd addr", "listen": "fd backlog", "shutdown": "fd how", "accept4": "fd flags",
       "getsockname": "fd", "getpeername": "fd", "close": "fd", "setsockopt": "fd name value", "getsockopt": "fd name",
       "send": "fd data flags", "write": "fd data", "write_u64": "fd value", "sendto": "fd data addr flags", "recv": "fd len flags",
       "read": "fd len", "read_u64": "fd", "recvfrom": "fd len flags", "writev": "fd *iov", "readv": "fd *iov",
       "sendmsg": "fd *iov", "recvmsg": "fd *iov", "fill": "fd chunk max", "fill_write": "fd chunk", "drain": "fd chunk max", "pump": "fd to rounds max",
       "fcntl": "fd cmd arg", "ioctl": "fd request value", "poll": "timeout_ms *fds", "select": "timeout_ms",
       "epoll_ctl": "ep op fd events", "epoll_wait": "ep max timeout_ms", "open": "path flags", "unlink": "path", "sleep": "ms", "sysctl": "name value",
       "rlimit_nofile": "free"}
DEFAULT = {"socket": {"proto": 0}, "socketpair": {"proto": 0}, "pipe2": {"flags": "O_NONBLOCK"}, "eventfd": {"initval": 0, "flags": "EFD_NONBLOCK"},
           "timerfd_create": {"clock": "CLOCK_MONOTONIC", "flags": "TFD_NONBLOCK"}, "epoll_create1": {"flags": 0}, "accept4": {"flags": "SOCK_NONBLOCK"},
           "send": {"flags": "MSG_NOSIGNAL"}, "sendto": {"flags": "MSG_NOSIGNAL"}, "recv": {"len": 4096, "flags": 0}, "recvfrom": {"len": 4096, "flags": 0}, "read": {"len": 4096},
           "fill": {"chunk": 4096, "max": 1 << 28}, "fill_write": {"chunk": 4096}, "drain": {"chunk": 65536, "max": 1 << 30}, "epoll_ctl": {"events": ""}, "epoll_wait": {"max": 16, "timeout_ms": 0},
           "sendmsg": {"flags": "MSG_NOSIGNAL"}, "recvmsg": {"flags": 0}, "timerfd_settime": {"interval_ms": 0}, "select": {"read": [], "write": [], "except": []},
           "listen": {"backlog": 16}}
LEVEL = {"SO_": "SOL_SOCKET", "TCP_": "IPPROTO_TCP", "IPV6_": "IPPROTO_IPV6", "IP_": "IPPROTO_IP", "UDP_": "SOL_UDP"}
TEXT = {"data", "addr", "path", "fd", "onto", "to", "ep", "events", "how", "name"}
# numbers the kernel's skb accounting decides: a simulator need not match them byte for byte
LOOSE = {"fill": ["total"], "drain": ["total"], "fill_write": []}

def val(key, t):
    if key not in TEXT:
        try: return int(t, 0)
        except ValueError: pass
    return t

def step(line):
    toks, as_, loose = line.split(), None, False
    if toks[0] == "~": loose, toks = True, toks[1:]
    if len(toks) > 1 and toks[1] == "=": as_, toks = toks[0].split(","), toks[2:]
    call, toks = toks[0], toks[1:]
    args, sig = {}, SIG[call].split()
    pos = [t for t in toks if "=" not in t]
    for t in toks:
        if "=" in t:
            k, v = t.split("=", 1)
            if k in ("rights", "rights_as", "read", "write", "except"): args[k] = v.split(",") if v else []
            else: args[k] = val(k, v)
    for name in sig:
        if name[0] == "*":
            k, rest = name[1:], pos; pos = []
            if k == "fds": args[k] = [t.split(":") if ":" in t else [t, ""] for t in rest]
            elif call in ("readv", "recvmsg"): args[k] = [int(t) for t in rest]
            else: args[k] = ["" if t == "''" else t for t in rest]
        elif pos and name not in args:
            t = pos.pop(0)
            if name == "data" and t.startswith("len:"): args["len"] = int(t[4:])
            elif call == "sysctl" and name == "value": args[name] = t.replace(",", " ")
            elif name == "value" and "," in t: args[name] = [int(x) for x in t.split(",")]
            else: args[name] = "" if t in ("-", "''") else val(name, t)
    assert not pos, "too many arguments: " + line
    for k, v in DEFAULT.get(call, {}).items(): args.setdefault(k, v)
    if call in ("setsockopt", "getsockopt") and "level" not in args:
        args["level"] = next(v for k, v in LEVEL.items() if args["name"].startswith(k))
    if as_: args["as"] = as_ if len(as_) > 1 or call in ("pipe2", "socketpair") else as_[0]
    s = {"call": call, "args": args}
    if LOOSE.get(call): s["loose"] = LOOSE[call]
    if loose: s["loose"] = ["result", "ready"]
    return s

def needs(steps):
    """what a simulated kernel must have to run the case"""
    text, out = json.dumps(steps), set()
    for word, tag in (("SOCK_STREAM", "stream"), ("SOCK_DGRAM", "dgram"), ("SEQPACKET", "seqpacket"), ("AF_UNIX", "unix"), ("AF_INET6", "ip6"),
                      ('"AF_INET"', "ip4"), ("epoll_", "epoll"), ("eventfd", "eventfd"), ("timerfd", "timerfd"), ("pipe2", "pipe"), ("sysctl", "sysctl"),
                      ("rlimit", "rlimit"), ("TCP_INFO", "tcp_info"), ("MSG_OOB", "oob"), ("FASTOPEN", "fastopen"), ("MSG_ERRQUEUE", "errqueue"),
                      ("rights", "scm_rights"), ("select", "select"), ("PEEK_OFF", "peek_off")):
        if word in text: out.add(tag)
    return sorted(out)

def family(addr): return "AF_UNIX" if addr.startswith("unix:") else "AF_INET6" if addr.startswith("[") else "AF_INET"

def expand(line, fam={}):
    t = line.split()
    k = t[0]
    if k in ("tcp", "tcp6"): return ["%s = socket %s %s" % (x, "AF_INET6" if k[-1] == "6" else "AF_INET", NB) for x in t[1:]]
    if k in ("udp", "udp6"): return ["%s = socket %s SOCK_DGRAM|SOCK_NONBLOCK" % (x, "AF_INET6" if k[-1] == "6" else "AF_INET") for x in t[1:]]
    if k == "unix": return ["%s = socket AF_UNIX SOCK_%s|SOCK_NONBLOCK" % (x, t[1].upper()) for x in t[2:]]
    if k == "listener":
        fam[t[1]] = family(t[2])
        return ["%s = socket %s %s" % (t[1], family(t[2]), NB), "bind %s %s" % (t[1], t[2]), "listen %s %s" % (t[1], t[3] if len(t) > 3 else 16)]
    if k == "conn":
        return ["%s = socket %s %s" % (t[2], fam.get(t[1], "AF_INET"), NB), "connect %s @%s" % (t[2], t[1]), "%s = accept4 %s SOCK_NONBLOCK" % (t[3], t[1])]
    if k == "pair":
        return expand("listener l0 127.0.0.1:7000 16") + expand("conn l0 %s %s" % (t[1], t[2])) + ["close l0"]
    return [line]

def main():
    cases, names = [], set()
    for n, raw in enumerate(open(sys.argv[1]), 1):
        line = raw.split("#")[0].strip() if not raw.lstrip().startswith("case") else raw.strip()
        if not line: continue
        try:
            if line.startswith("case "):
                head, doc = line[5:].split("|", 1)
                name, *opts = head.split()
                assert name not in names, "twice: " + name
                names.add(name)
                c = {"name": name, "doc": doc.strip()}
                for o in opts:
                    k, v = o.split("=", 1); c[k] = {"false": False, "true": True}.get(v, v)
                c["steps"] = []; cases.append(c); expand.__defaults__[0].clear()
            else: cases[-1]["steps"] += [step(l) for l in expand(line)]
        except Exception as e: sys.exit("%s:%d: %s: %r" % (sys.argv[1], n, raw.strip(), e))
    for c in cases: c["needs"] = needs(c["steps"])
    with open(sys.argv[2], "w") as f:
        f.write('{"cases": [\n' + ",\n".join(json.dumps({k: v for k, v in c.items() if k != "steps"})[:-1] + ', "steps": [\n  '
                + ",\n  ".join(json.dumps(s) for s in c["steps"]) + "]}" for c in cases) + "\n]}\n")
    print("%d cases, %d steps" % (len(cases), sum(len(c["steps"]) for c in cases)))

main()
