#!/usr/bin/env bash
# A real SLURM of one node on this machine, to try the workflow on; no systemd, nothing but loopback.
#
#   cluster/one_node.sh start FOLDER
#   cluster/one_node.sh stop FOLDER
#
# Needs root and Debian's packages `slurm-wlm` and `munge`. All files are in FOLDER; only /etc/slurm/slurm.conf
# is a link to one of them, since jobs forget SLURM_CONF. The partition `low` is the default; a job of the
# partition `high` takes the node from one of `low`, which is requeued.
set -euo pipefail

command=${1:?start or stop} folder=${2:?the folder of its files}
mkdir -p "$folder" && folder=$(cd "$folder" && pwd)
export PATH=$PATH:/usr/sbin
config=$folder/slurm.conf known=/etc/slurm/slurm.conf

start() {
  if [ -e "$known" ] || [ -L "$known" ]; then
    echo "$known is there: this machine has a SLURM of its own, which is left alone." >&2
    exit 1
  fi
  mkdir -p "$folder"/{state,spool,munge}
  chmod 700 "$folder/munge"
  chmod 755 "$folder"
  head -c 1024 /dev/urandom >"$folder/munge/key"
  chmod 400 "$folder/munge/key"
  munged --force --socket="$folder/socket" --key-file="$folder/munge/key" \
    --pid-file="$folder/munge/pid" --log-file="$folder/munge/log" --seed-file="$folder/munge/seed"
  local cpus memory
  cpus=$(nproc) memory=$(awk '/MemTotal/ {print int($2 / 1024 * 0.9)}' /proc/meminfo)
  cat >"$config" <<CONF
ClusterName=one
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=46817
SlurmdPort=46818
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
JobRequeue=1
MinJobAge=3600
KillWait=5
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=$cpus RealMemory=$memory
PartitionName=low Nodes=ALL Default=YES PriorityTier=1
PartitionName=high Nodes=ALL PriorityTier=2
CONF
  mkdir -p "$(dirname "$known")"
  ln -s "$config" "$known"
  slurmctld
  slurmd
  for _ in $(seq 60); do
    sinfo --noheader --format=%T 2>/dev/null | grep -q '^idle' && sinfo && return
    sleep 0.5
  done
  tail -n 20 "$folder"/*.log >&2
  echo "SLURM did not start: see the lines above." >&2
  exit 1
}

stop() {
  local file pid
  for file in "$folder"/slurmd.pid "$folder"/slurmctld.pid "$folder"/munge/pid; do
    if [ -s "$file" ] && pid=$(cat "$file") && kill "$pid" 2>/dev/null; then
      timeout 60 tail --pid="$pid" -f /dev/null || true # it writes its state until it ends
    fi
  done
  if [ "$(readlink "$known")" = "$config" ]; then rm "$known"; fi
}

case $command in
  start | stop) $command ;;
  *) echo "$command: say start or stop." >&2 && exit 2 ;;
esac
