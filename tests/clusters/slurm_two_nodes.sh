#!/bin/bash
# Runs the job array of docs/clusters.md, as it stands there, on a Slurm cluster
# of two nodes that it starts on this machine and ends again, merges what the
# tasks found, and compares it with what one process finds.
#
#   tests/clusters/slurm_two_nodes.sh [SCENARIO [RUNS]]
#
# RUNS are those of each of the sixteen tasks: 500. Wants Debian's slurmctld,
# slurmd, slurm-client and munge, and of their installation only the programs:
# keys, settings, ports and logs are its own. Exit status 77: they are not
# there.
PATH=$PATH:/usr/sbin:/sbin
. "$(dirname "$0")/compare.sh"
for program in slurmctld slurmd sbatch scontrol sinfo munged; do
  command -v $program > /dev/null ||
    skip "there is no $program; apt-get install slurmctld slurmd" \
         "slurm-client munge"
done

# The cluster: a controller and two slurmd, whose nodes are said to have eight
# processors each, as the job array asks for.
mkdir node1 node2 state
host=$(hostname -s)
port=$((20000 + $$ % 10000))
head -c 1024 /dev/urandom > munge.key
chmod 600 munge.key
cat > slurm.conf <<END
ClusterName=two
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
CredType=cred/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/%n
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
NodeName=node1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=8
NodeName=node2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=8
PartitionName=all Nodes=node1,node2 Default=YES State=UP
END
export SLURM_CONF=$work/slurm.conf
pids=()
trap 'kill "${pids[@]}" 2> /dev/null; wait 2> /dev/null; rm -rf "$work"' EXIT
start() {
  local log=$1
  shift
  "$@" > "log/$log" 2>&1 &
  pids+=($!)
}
start munged munged --foreground --force --key-file="$work/munge.key" \
    --socket="$work/munge.socket" --pid-file="$work/munge.pid" \
    --log-file="$work/log/munge" --seed-file="$work/munge.seed"
for ((i = 0; i < 40; ++i)); do
  [ -S munge.socket ] && break
  sleep 0.25
done
start controller slurmctld -D -i
start node1 slurmd -D -N node1
start node2 slurmd -D -N node2
for ((i = 0; i < 120; ++i)); do
  [ "$(sinfo -h -t idle -o %D 2> /dev/null)" = 2 ] && break
  sleep 0.5
done
sinfo
if [ "$(sinfo -h -t idle -o %D)" != 2 ]; then
  echo "the two nodes did not come up:"
  tail -n 5 log/*
  exit 1
fi

# The job array, as the page has it.
block '^#!/bin/bash' > search.sh
echo "--- search.sh"
cat search.sh
echo "---"
if ! RUNS=$runs sbatch --wait --output=log/task.%a search.sh; then
  tail -n 5 log/*
  exit 1
fi
scontrol -o show job | grep -o ' NodeList=[^ ]*' | sort | uniq -c
if [ "$(ls log/task.* | wc -l)" != 16 ] ||
   [ "$(scontrol -o show job | grep -o ' NodeList=[^ ]*' | sort -u | wc -l)" \
     != 2 ]; then
  echo "expected 16 tasks on two nodes"
  exit 1
fi
simloop merge found/* --out found.all
compare found.all
