package faulttest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
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
	within = within && path != ""
	counts := within && (!s.now.Half || n.number == unix.SYS_WRITE && n.args[2] > 1)
	switch {
	case within && s.now.Half && s.now.Turn == diskGone && s.seen >= s.now.N:
		r.flags, r.err = 0, -int32(unix.EIO)
	case counts && s.seen+1 == s.now.N && s.now.Half:
		written, err := writeHalf(n)
		if err != nil {
			fault = fmt.Sprintf("%s %s: %v", halfFailed, path, err) // the call is made as a whole
			break
		}
		r.flags, r.value = 0, written
		fault = fmt.Sprintf("%s %s: %d of %d bytes", op.name, path, written, n.args[2])
	case counts && s.seen+1 == s.now.N:
		errno := op.errors[s.now.Turn%len(op.errors)]
		r.flags, r.err = 0, -int32(errno)
		fault = fmt.Sprintf("%s %s: %v", op.name, path, errno)
	case counts && s.now.Half && s.now.Turn == diskFull && s.seen == s.now.N:
		r.flags, r.err = 0, -int32(unix.ENOSPC) // the rest of what is half written
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

// writeHalf does the first half of a write in place of the child, and returns the number of bytes written.
func writeHalf(n *notification) (int64, error) {
	process, err := processOf(n.pid)
	if err != nil {
		return 0, err
	}
	pidfd, err := unix.PidfdOpen(process, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(pidfd)
	fd, err := unix.PidfdGetfd(pidfd, int(int32(n.args[0])), 0) // shares the position in the file
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", n.pid))
	if err != nil {
		return 0, err
	}
	defer memory.Close()
	data := make([]byte, n.args[2]/2)
	if _, err := memory.ReadAt(data, int64(n.args[1])); err != nil {
		return 0, err
	}
	written, err := unix.Write(fd, data)
	return int64(written), err
}

// processOf returns the process of a thread.
func processOf(thread uint32) (int, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", thread))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "Tgid:"); ok {
			return strconv.Atoi(strings.TrimSpace(rest))
		}
	}
	return 0, fmt.Errorf("thread %d has no process", thread)
}
