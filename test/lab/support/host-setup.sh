#!/bin/sh
# Runs as pid 1 of a lab host, in new mount, network, pid, uts and ipc namespaces. Makes the host's own file system out of
# the machine's, read through an overlay: everything the host writes lands on one tmpfs and goes away with it.
# Arguments: scratch directory, host name, source checkout, plain|bind-mount (what /etc/hosts is), a tree for a machine.
set -eu
scratch=$1 name=$2 checkout=$3 hosts=$4 tree=$5

# The number of this shell outside: /proc is still the machine's.
read -r pid _ </proc/self/stat

mount -t tmpfs -o mode=755 lab "$scratch"
cd "$scratch"
mkdir upper work new own own/root own/docker own/containerd own/containers
chmod 700 own/root own/docker own/containers
# redirect_dir: renaming a directory that came from below works, as on a plain file system.
mount -t overlay -o "lowerdir=/,upperdir=$scratch/upper,workdir=$scratch/work,redirect_dir=on" lab new
mkdir -p new/proc new/sys new/dev new/run new/tmp new/root new/var/lib/docker new/var/lib/containerd new/var/lib/containers

mount -t proc proc new/proc
mount -t sysfs sysfs new/sys
mount --rbind /sys/fs/cgroup new/sys/fs/cgroup
mount --rbind /dev new/dev
mount -t tmpfs -o mode=1777 shm new/dev/shm
mount -t tmpfs -o mode=755 run new/run
mount -t tmpfs -o mode=1777 tmp new/tmp
mount --bind own/root new/root
mount --bind own/docker new/var/lib/docker
mount --bind own/containerd new/var/lib/containerd
mount --bind own/containers new/var/lib/containers
mkdir -p "new$checkout"
mount --bind "$checkout" "new$checkout"
mount -o remount,bind,ro "new$checkout"

mkdir -p new/run/lab new/run/lock new/run/user new/run/old
mount --bind "$scratch" new/run/lab
if [ -n "$tree" ]; then
  mkdir new/run/tree
  mount --bind "$tree" new/run/tree
  mount -o remount,bind,ro new/run/tree
fi
pivot_root new new/run/old
cd /
umount -l /run/old
rmdir /run/old

rm -rf /etc/docker /etc/containers /etc/containerd /etc/regclient /etc/hosts /etc/resolv.conf \
  /var/lib/regclient /var/lib/devregistry
mkdir /etc/docker /etc/containers
printf '{"default":[{"type":"insecureAcceptAnything"}]}\n' >/etc/containers/policy.json
printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\t%s\n' "$name" >/etc/hosts
# No name server: a name that is not in /etc/hosts fails at once instead of after a timeout.
: >/etc/resolv.conf
printf '%s\n' "$name" >/etc/hostname
printf '%s' "$name" >/proc/sys/kernel/hostname
# systemd makes this key when it is first asked to encrypt: on a host that has run for a while, it is there.
systemd-creds setup >/dev/null 2>&1 || true
if [ "$hosts" = bind-mount ]; then
  cp -p /etc/hosts /run/lab/own/hosts
  mount --bind /run/lab/own/hosts /etc/hosts
fi

echo "ready $pid"
# Waiting in a loop reaps the daemons that are left to pid 1.
while :; do
  sleep 86400 &
  wait $!
done
