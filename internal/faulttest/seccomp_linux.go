package faulttest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxErrors is the number of errors that an operation can fail with, at most.
const maxErrors = 3

// operation is a call that may fail.
type operation struct {
	name   string
	number uintptr
	fd     int // which argument is an open file; −1 for none
	path   int // which argument is a path, behind one that is its directory
	errors []unix.Errno
}

// operations are the calls that are watched.
func operations() []operation {
	const none = -1
	writes := []unix.Errno{unix.ENOSPC, unix.EIO}
	reads := []unix.Errno{unix.EIO}
	makes := []unix.Errno{unix.ENOSPC, unix.EACCES, unix.EIO}
	asks := []unix.Errno{unix.EACCES, unix.EIO}
	locks := []unix.Errno{unix.ENOLCK, unix.EIO}
	return []operation{
		{"open", unix.SYS_OPENAT, none, 1, makes},
		{"read", unix.SYS_READ, 0, none, reads},
		{"read", unix.SYS_PREAD64, 0, none, reads},
		{"list", unix.SYS_GETDENTS64, 0, none, reads},
		{"write", unix.SYS_WRITE, 0, none, writes},
		{"write", unix.SYS_PWRITE64, 0, none, writes},
		{"copy", unix.SYS_COPY_FILE_RANGE, 2, none, writes},
		{"copy", unix.SYS_SENDFILE, 0, none, writes},
		{"truncate", unix.SYS_FTRUNCATE, 0, none, writes},
		{"sync", unix.SYS_FSYNC, 0, none, writes},
		{"sync", unix.SYS_FDATASYNC, 0, none, writes},
		{"rename", unix.SYS_RENAMEAT, none, 3, makes},
		{"rename", unix.SYS_RENAMEAT2, none, 3, makes},
		{"mkdir", unix.SYS_MKDIRAT, none, 1, makes},
		{"remove", unix.SYS_UNLINKAT, none, 1, asks},
		{"stat", unix.SYS_NEWFSTATAT, none, 1, asks},
		{"stat", unix.SYS_FSTAT, 0, none, reads},
		{"lock", unix.SYS_FLOCK, 0, none, locks},
	}
}

// notification and response are struct seccomp_notif and seccomp_notif_resp.
type notification struct {
	id          uint64
	pid, flags  uint32
	number      int32
	arch        uint32
	instruction uint64
	args        [6]uint64
}

type response struct {
	id    uint64
	value int64
	err   int32
	flags uint32
}

// filter asks the supervisor about the operations and lets all other calls pass.
func filter() []unix.SockFilter {
	ops := operations()
	program := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS}} // the number of the call
	for i, op := range ops {
		program = append(program, unix.SockFilter{
			Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: uint32(op.number), Jt: uint8(len(ops) - i),
		})
	}
	return append(program,
		unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
		unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_USER_NOTIF},
	)
}

// filterAndExec puts this process under the filter, hands the supervisor the listener, and runs the same program again,
// which stays under the filter with all its threads.
func filterAndExec() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	env := []string{stageVariable + "=work"}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, stageVariable+"=") {
			env = append(env, v)
		}
	}
	if _, err := unix.FcntlInt(controlFile, unix.F_SETFD, 0); err != nil {
		return err
	}
	// Signals by which Go's scheduler interrupts its threads would have calls asked about twice.
	env = append(env, "GODEBUG=asyncpreemptoff=1")
	runtime.LockOSThread() // the filter is this thread's, until the new program begins
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	code := filter()
	program := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	listener, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		return errno
	}
	if err := unix.Sendmsg(controlFile, []byte{0}, unix.UnixRights(int(listener)), nil, 0); err != nil {
		return err
	}
	return syscall.Exec(self, os.Args, env)
}

// socketPair makes a connection: our end, and a file to be inherited.
func socketPair() (ours *net.UnixConn, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	file := os.NewFile(uintptr(fds[0]), "control")
	defer file.Close()
	conn, err := net.FileConn(file)
	if err != nil {
		return nil, nil, err
	}
	return conn.(*net.UnixConn), os.NewFile(uintptr(fds[1]), "control"), nil
}

// listen waits for the listener that filterAndExec sends.
func listen(control *net.UnixConn) (*supervisor, error) {
	data, rights := make([]byte, 1), make([]byte, unix.CmsgSpace(4))
	_ = control.SetReadDeadline(time.Now().Add(time.Minute))
	_, n, _, _, err := control.ReadMsgUnix(data, rights)
	if err != nil {
		return nil, err
	}
	_ = control.SetReadDeadline(time.Time{})
	messages, err := unix.ParseSocketControlMessage(rights[:n])
	if err != nil || len(messages) != 1 {
		return nil, errors.Join(err, errors.New("the child sent no listener"))
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return nil, fmt.Errorf("the child sent no listener: %w", err)
	}
	s := &supervisor{control: control, listener: fds[0], operations: map[uintptr]operation{}}
	for _, op := range operations() {
		s.operations[op.number] = op
	}
	return s, nil
}
