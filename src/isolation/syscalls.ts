/** Numbers of the system calls that a filter names, [x86_64, aarch64]; null where the machine has none. */
type Numbers = readonly [x64: number | null, arm64: number | null]

/** Refused whatever a script may touch: ways into other processes, the kernel, or a sandbox of its own making. */
export const alwaysRefused: Record<string, Numbers> = {
  // other processes
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  process_madvise: [440, 440],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
  // the kernel's larger attack surfaces
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  fanotify_init: [300, 262],
  modify_ldt: [154, null],
  // file systems and namespaces
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  open_tree_attr: [467, 467],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  unshare: [272, 97],
  setns: [308, 268],
  // the machine
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  iopl: [172, null],
  ioperm: [173, null],
  syslog: [103, 116],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  vhangup: [153, 58],
  lookup_dcookie: [212, 18],
}

/** Answered as by a kernel that does not have them, so that libraries take the older call. */
export const unknownCalls: Record<string, Numbers> = {
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  clone3: [435, 435], // its flags lie in memory, where no filter can read them
}

/** Refused where only listed programs may be started: a program that is no file escapes every list. */
export const filelessPrograms: Record<string, Numbers> = {
  memfd_create: [319, 279],
  memfd_secret: [447, 447],
  execveat: [322, 281],
}

/** Looked at with their arguments. */
export const inspected = {
  clone: [56, 220],
  ioctl: [16, 29],
  socket: [41, 198],
  sendto: [44, 206],
  sendmsg: [46, 211],
  sendmmsg: [307, 269],
} satisfies Record<string, Numbers>
