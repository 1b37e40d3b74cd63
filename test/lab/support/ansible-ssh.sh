#!/bin/sh
# What Ansible takes for ssh in the tests: ssh [OPTION…] PID COMMAND. The "host" is the first process of a lab host or machine.
set -eu
[ $# -ge 2 ] || exit 255
while [ $# -gt 2 ]; do shift; done
# asked whether it knows ControlPersist, it does not
case $1 in '' | *[!0-9]*) exit 255 ;; esac
exec nsenter -t "$1" -m -n -p -u -i -- \
  env -i -C /root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 sh -c "$2"
