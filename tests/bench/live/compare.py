#!/usr/bin/env python3
"""Measures live servers beside each other: requests a second, and the server's
CPU time for each.

    tests/bench/live/compare.py [--simloop PATH] [--seconds S] [--rounds N]
                                [--connections N] [--only WORK]

Each server has a core to itself, and so has its client. The servers take turns,
round by round, so that what else the machine does falls on all of them; of the
rounds the median is told. What is not installed is left out: libuv, node, wrk.
"""
import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SERVER_CORE, CLIENT_CORE = '0', '1'
WORKS = {'http': 'http', 'close': 'http', 'echo': 'echo'}


def build(directory):
    """Compiles the C programs; answers their paths by name."""
    built = {}
    flags = {
        'raw_server': [],
        'load': [],
        'uv_server': ['-I/usr/share/include/llhttp', '-luv'],
    }
    sources = {'uv_server': ['/usr/share/llhttp/%s.c' % name
                             for name in ('api', 'http', 'llhttp')]}
    for name, extra in flags.items():
        out = os.path.join(directory, name)
        command = ['gcc', '-O2', '-w', '-o', out, os.path.join(HERE, name + '.c')]
        command += sources.get(name, []) + extra
        if subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0:
            built[name] = out
    return built


def servers(built, simloop, work):
    """Commands by the name of the server; PORT stands for the port."""
    kind = WORKS[work]
    found = {'raw epoll': [built['raw_server'], work, 'PORT']}
    program = 'http_hello' if kind == 'http' else 'echo_server'
    if simloop:
        # As ./simloop runs it.
        found['simloop'] = ['env', 'MIMALLOC_LARGE_OS_PAGES=1', simloop, 'serve',
                            '--program', program, '--port', 'PORT']
        if kind == 'http':
            found['simloop'].append('length=true')
    if kind == 'http' and 'uv_server' in built:
        found['libuv+llhttp'] = [built['uv_server'], 'PORT']
    if shutil.which('node'):
        found['node'] = ['node', os.path.join(HERE, 'node_server.js'), kind,
                         'PORT']
    return found


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def cpu_seconds(pid):
    """Of all threads, in the kernel and out of it."""
    total = 0
    for task in os.listdir('/proc/%d/task' % pid):
        with open('/proc/%d/task/%s/schedstat' % (pid, task)) as file:
            total += int(file.read().split()[0])
    return total / 1e9


def start(command, port):
    command = [str(port) if word == 'PORT' else word for word in command]
    server = subprocess.Popen(['taskset', '-c', SERVER_CORE] + command,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            socket.create_connection(('127.0.0.1', port)).close()
            return server
        except OSError:
            time.sleep(0.02)
    server.kill()
    sys.exit('does not listen: ' + ' '.join(command))


def by_load(built, work, port, options):
    out = subprocess.run(
        ['taskset', '-c', CLIENT_CORE, built['load'], work, str(port),
         str(options.connections), str(options.seconds)],
        stdout=subprocess.PIPE, check=True).stdout.split()
    return int(out[0]), float(out[1])


def by_wrk(work, port, options):
    command = ['taskset', '-c', CLIENT_CORE, 'wrk', '-t1',
               '-c%d' % options.connections, '-d%ds' % max(1, options.seconds),
               'http://127.0.0.1:%d/' % port]
    if work == 'close':
        command[-1:-1] = ['-H', 'Connection: close']
    out = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    for line in out.decode().splitlines():
        words = line.split()
        if 'requests in' in line:
            return int(words[0]), float(words[3].rstrip('s,'))
    sys.exit('wrk says nothing')


def measure(command, client):
    port = free_port()
    server = start(command, port)
    before = cpu_seconds(server.pid)
    done, seconds = client(port)
    cpu = cpu_seconds(server.pid) - before
    server.send_signal(signal.SIGKILL)
    server.wait()
    return done / seconds, cpu / done * 1e6


def compare(work, client_name, client, found, options):
    figures = {name: [] for name in found}
    for _ in range(options.rounds):
        for name, command in found.items():
            figures[name].append(measure(command, client))
    print('\n%s, %d connections, client %s' %
          (work, options.connections, client_name))
    print('%-14s %12s %12s %10s %10s' % ('server', 'requests/s', 'CPU us each',
                                         'by rate', 'by CPU'))
    raw_rate, raw_cpu = [statistics.median(f) for f in zip(*figures['raw epoll'])]
    for name, rounds in figures.items():
        rate, cpu = [statistics.median(f) for f in zip(*rounds)]
        print('%-14s %12.0f %12.2f %10.3f %10.3f' %
              (name, rate, cpu, rate / raw_rate, raw_cpu / cpu))
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--simloop', default=shutil.which('simloop') or '')
    parser.add_argument('--seconds', type=int, default=3)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--connections', type=int, default=64)
    parser.add_argument('--only', choices=sorted(WORKS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        built = build(directory)
        for work in [options.only] if options.only else WORKS:
            found = servers(built, options.simloop, work)
            compare(work, 'load', lambda port: by_load(built, work, port,
                                                       options), found, options)
            if WORKS[work] == 'http' and shutil.which('wrk'):
                compare(work, 'wrk', lambda port: by_wrk(work, port, options),
                        found, options)


if __name__ == '__main__':
    main()
