#!/bin/sh
# Boots the machine of a lab host: systemd as pid 1, on an overlay over the tree, with the host's network. Runs in the host.
# Arguments: the host's cgroup, machine name, source checkout, installed|bare (whether the checkout's program is there).
set -eu
group=$1 name=$2 checkout=$3 kind=$4
own=/run/lab/own/machine

if [ ! -e "$own" ]; then
  mkdir -p "$own/upper" "$own/work" "$own/tree"
  mount -t overlay -o "lowerdir=/run/tree,upperdir=$own/upper,workdir=$own/work" machine "$own/tree"
  cd "$own/tree"
  printf '127.0.0.1\tlocalhost\n::1\tlocalhost\n127.0.1.1\t%s\n' "$name" >etc/hosts
  printf '%s\n' "$name" >etc/hostname
  : >etc/resolv.conf
  if [ "$kind" = installed ]; then
    # as Docker's package does
    chroot . groupadd --system docker
    ln -s /opt/regclient/bin/regclient usr/bin/regclient
    cp "$checkout"/systemd/*.service "$checkout"/systemd/*.socket "$checkout"/systemd/*.timer usr/lib/systemd/system/
  fi
  mkdir -p opt/regclient etc/docker
  # none of these is looked at, and each takes its time
  systemctl --quiet --root=. mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
    systemd-networkd.service systemd-networkd.socket getty.target
  [ "$kind" = bare ] || systemctl --quiet --root=. enable regclient.service regclient-verify.timer
fi

# A cgroup that is the machine's own, seen as the only one: the same with version 2 alone and beside version 1. Pids are
# its own as well: systemd-nspawn asks for the cgroup of pid 1.
cgroups=/sys/fs/cgroup
[ -e "$cgroups/cgroup.procs" ] || cgroups=$cgroups/unified
mkdir -p "$cgroups/$group/$name"
echo $$ >"$cgroups/$group/$name/cgroup.procs"
exec unshare --mount --cgroup --pid --fork --kill-child --mount-proc sh -ec '
  umount --recursive /sys/fs/cgroup
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  exec systemd-nspawn --quiet --boot --register=no --keep-unit --console=pipe --machine="$1" --directory="$2" \
    --bind-ro="$3:/opt/regclient" --link-journal=no --resolv-conf=off --timezone=off' sh "$name" "$own/tree" "$checkout"
