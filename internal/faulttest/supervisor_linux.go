package faulttest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// supervisor decides which calls of the child fail.
type supervisor struct {
	control    *net.UnixConn
	listener   int
	operations map[uintptr]operation

	mu    sync.Mutex
	now   order
	seen  int // operations in now.Dir so far
	fault string
}

// serve answers the child until it has ended.
func (s *supervisor) serve() {
	defer unix.Close(s.listener)
	go s.obey()
	for {
		poll := []unix.PollFd{{Fd: int32(s.listener), Events: unix.POLLIN}}
		if _, err := unix.Poll(poll, -1); err == unix.EINTR {
			continue
		}
		if poll[0].Revents&unix.POLLIN == 0 {
			return // no process is under the filter any more
		}
		var n notification
		if errno := s.ioctl(unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&n)); errno != 0 {
			continue // the call was interrupted, and will be made again
		}
		s.answer(&n)
	}
}

func (s *supervisor) ioctl(request uintptr, arg unsafe.Pointer) unix.Errno {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(s.listener), request, uintptr(arg))
	return errno
}

// obey takes the child's orders.
func (s *supervisor) obey() {
	from, to := json.NewDecoder(bufio.NewReader(s.control)), json.NewEncoder(s.control)
	for {
		var o order
		if from.Decode(&o) != nil {
			return
		}
		s.mu.Lock()
		r := reply{s.fault}
		s.now, s.seen, s.fault = o, 0, ""
		s.mu.Unlock()
		if to.Encode(r) != nil {
			return
		}
	}
}

// answer lets one call pass or fail.
func (s *supervisor) answer(n *notification) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := response{id: n.id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
	op := s.operations[uintptr(n.number)]
	path, fault := "", ""
	if s.now.Dir != "" {
		path = op.file(n)
	}
	within := path == s.now.Dir || strings.HasPrefix(path, s.now.Dir+"/")
	counts := path != "" && within
	if counts && s.seen+1 == s.now.N {
		errno := op.errors[s.now.Turn%len(op.errors)]
		r.flags, r.err = 0, -int32(errno)
		fault = fmt.Sprintf("%s %s: %v", op.name, path, errno)
	}
	if s.ioctl(unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&r)) != 0 || !counts {
		return // the call was interrupted, and will be made again
	}
	s.seen++
	if fault != "" {
		s.fault = fault
	}
}

// file is the path that a call is about; "" if it has none.
func (op *operation) file(n *notification) string {
	if op.fd >= 0 {
		path, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", n.pid, int32(n.args[op.fd])))
		return strings.TrimSuffix(path, " (deleted)")
	}
	path := readString(n.pid, n.args[op.path])
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	dir := fmt.Sprintf("/proc/%d/cwd", n.pid)
	if fd := int32(n.args[op.path-1]); fd != unix.AT_FDCWD {
		dir = fmt.Sprintf("/proc/%d/fd/%d", n.pid, fd)
	}
	at, _ := os.Readlink(dir)
	return filepath.Join(at, path)
}

// readString reads a string in the memory of another process.
func readString(pid uint32, address uint64) string {
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		return ""
	}
	defer memory.Close()
	data := make([]byte, unix.PathMax)
	n, _ := memory.ReadAt(data, int64(address)) // less than asked for where the memory ends
	text, _, _ := bytes.Cut(data[:n], []byte{0})
	return string(text)
}
