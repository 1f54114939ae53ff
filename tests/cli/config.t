`config`: every setting, its value, where it came from.
$ combtest config
NET.machine_ips          -       default
NET.service_port         6187    default
NET.logger_port          -       default
NET.advertise            -       default
NET.certificate          -       default
NET.key                  -       default
SSH.username             -       default
SSH.username_map         -       default
SSH.port                 22      default
SSH.rsakey               -       default
SSH.rsakey_map           -       default
SSH.agent                1       default
SSH.passphrase           -       default
SSH.passphrase_file      -       default
SSH.password             -       default
SSH.password_map         -       default
SSH.password_file        -       default
SSH.known_hosts          -       default
SSH.accept_new           0       default
SSH.jump                 -       default
SSH.direct               no      default
SSH.connect_timeout      15      default
SSH.start_timeout        120     default
SSH.stop_timeout         15      default
SSH.cache_days           30      default
WORKER.max_thread_count  1       default
RUN.services             auto    default
RUN.isolation            thread  default
RUN.timeout              -       default
RUN.limit_memory         -       default
RUN.retries              0       default
RUN.fail_fast            0       default
RUN.core                 0       default
RUN.require_all          0       default
RUN.listen               -       default
RUN.token_file           -       default
RUN.log_dir              -       default
RUN.log_size             64M     default
RUN.log_optional         0       default
RUN.trace                all     default
RUN.max_output           64K     default
RUN.only                 -       default
RUN.sample               -       default
RUN.strength             0       default
RUN.seed_rows            -       default
RUN.seed                 1       default
RUN.shard                -       default
RUN.gather_states        -       default
RUN.summary              -       default
RUN.verbose              0       default
[0]
$ printf '[WORKER]\nmax_thread_count = 3\n[RUN]\nservices = auto/2\ntimeout = 5\n' > combtest.cfg
[0]
$ COMBTEST_RUN_TIMEOUT=6 tiny config --services 2 --set RUN.seed=9 | grep -v default
WORKER.max_thread_count  3       combtest.cfg:2
RUN.services             2       --services
RUN.timeout              6       COMBTEST_RUN_TIMEOUT
RUN.seed                 9       --set RUN.seed
[0]
$ COMBTEST_RUN_TIMEOUT=6 tiny config --timeout 7 | grep RUN.timeout
RUN.timeout              7       --timeout
[0]
$ tiny config --isolation process --limit-memory 512M --retries=2 --fail-fast --core | grep -e --
RUN.isolation            process  --isolation
RUN.limit_memory         512M     --limit-memory
RUN.retries              2        --retries
RUN.fail_fast            1        --fail-fast
RUN.core                 1        --core
[0]
$ tiny config --fail-fast=7 --set RUN.core=0 | grep -e --
RUN.fail_fast            7       --fail-fast
RUN.core                 0       --set RUN.core
[0]
$ printf '[RUN]\nseed = 4\n' > other.cfg; combtest config --config other.cfg | grep -v default
RUN.seed                 4       other.cfg:2
[0]
$ COMBTEST_CONFIG=other.cfg combtest config | grep -v default
RUN.seed                 4       other.cfg:2
[0]
$ COMBTEST_CONFIG=missing.cfg combtest config
combtest: error: missing.cfg: no such file
[2]

A secret is not shown.
$ printf '[SSH]\npassword = hunter2\npassword_map = {\n  "a": "hunter2" }\n' > secret.cfg
[0]
$ combtest config --config secret.cfg 2>&1 | grep -e password -e hunter2
SSH.password             (set)   secret.cfg:2
SSH.password_map         (set)   secret.cfg:3
SSH.password_file        -       default
[0]
$ COMBTEST_SSH_PASSWORD=hunter2 combtest config
combtest: error: COMBTEST_SSH_PASSWORD: a secret is taken neither as an argument nor from the environment, where others can read it; write it into a file and name that with SSH.password_file
[2]
$ combtest config --set SSH.passphrase=hunter2
combtest: error: --set SSH.passphrase: a secret is taken neither as an argument nor from the environment, where others can read it; write it into a file and name that with SSH.passphrase_file
[2]

A host can have a section of its own.
$ printf '[HOST 10.0.0.2]\nuser = tester\nport = 2222\n' > hosts.cfg
[0]
$ combtest config --config hosts.cfg | grep HOST
HOST 10.0.0.2.user       tester  hosts.cfg:2
HOST 10.0.0.2.port       2222    hosts.cfg:3
[0]
$ combtest config --set 'HOST a.prot=1'
combtest: error: --set HOST a.prot: unknown key; did you mean port?
[2]

What has no effect is noted.
$ COMBTEST_NET_LOGGER_PORT=6186 combtest config 2>&1 >/dev/null
combtest: note: COMBTEST_NET_LOGGER_PORT: NET.logger_port is unused: logs need no port of their own; the key is accepted for old files
[0]
$ COMBTEST_RUN_SERVCES=3 combtest config 2>&1 >/dev/null
combtest: note: COMBTEST_RUN_SERVCES: no setting of combtest; did you mean COMBTEST_RUN_SERVICES?
[0]
$ COMBTEST_XYZZY=1 combtest config 2>&1 >/dev/null
combtest: note: COMBTEST_XYZZY: no setting of combtest
[0]
$ COMBTEST_NET_RSAKEY=/k combtest config 2>/dev/null | grep rsakey
SSH.rsakey               /k      COMBTEST_NET_RSAKEY
SSH.rsakey_map           -       default
[0]

Each mistake in a file is named with its line.
$ printf '[WORKER]\n\nmax_thread_cout = 3\n' > wrong.cfg; combtest config --config wrong.cfg
combtest: error: wrong.cfg:3: [WORKER] max_thread_cout: unknown key; did you mean max_thread_count?
[2]
$ printf '[RUN]\nservices = 3\n  timeout = 3\n' > wrong.cfg; combtest config --config wrong.cfg
combtest: error: wrong.cfg:3: the indented line continues RUN.services, which takes one line; begin a key in the first column
[2]
$ (printf '[RUN]\nonly = '; head -c 300 /dev/zero | tr '\0' 1) > wrong.cfg; combtest config --config wrong.cfg
combtest: error: wrong.cfg:2: the line has 307 bytes; at most 199 are taken: continue a list on the next line
[2]
$ printf '[RUN]\nsummary = a ; b\n' > wrong.cfg; combtest config --config wrong.cfg
combtest: error: wrong.cfg:2: ' ;' would begin a comment here: put the value in double quotes, or the comment on a line of its own
[2]
$ printf '[RUN]\nsummary = "a ; b"\n' > right.cfg; combtest config --config right.cfg | grep summary
RUN.summary              a ; b   right.cfg:2
[0]
$ COMBTEST_RUN_SERVICES=none tiny config
tiny: error: COMBTEST_RUN_SERVICES: 'none' is no number of cores; write a whole number from 0 to 1024, or auto, auto*2, auto/2
[2]
$ printf '[RUN]\n\nonly = 1x\n' > wrong.cfg; combtest config --config wrong.cfg
combtest: error: wrong.cfg:3: [RUN] only: '1x': not a list of walk ids, such as 3,7-9 (at character 2)
[2]
$ COMBTEST_RUN_ONLY=9-3 combtest config
combtest: error: COMBTEST_RUN_ONLY: 9-3: the smaller id goes first
[2]
$ combtest config --set RUN.only=3, 2>&1 | cut -c 1-60
combtest: error: --set RUN.only: '3,': not a list of walk id
[0]
$ combtest config --only '3, 7 - 9' | grep only
RUN.only                 3, 7 - 9  --only
[0]

The sample can be read as it is, and with each key set.
$ combtest config --config "$SOURCE/combtest.cfg.sample" 2>&1 | grep -c cfg.sample
23
[0]
$ sed 's/^# \([a-z_]* = \)/\1/' "$SOURCE/combtest.cfg.sample" > all.cfg
[0]
$ combtest config --config all.cfg 2>/dev/null | grep -v "all.cfg:"
[1]
