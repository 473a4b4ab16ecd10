package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"

	"smoothlab/internal/atomicfile"
)

// Connection is what a connection file says.
type Connection struct {
	Transport  string `json:"transport"`
	IP         string `json:"ip"`
	Shell      int    `json:"shell_port"`
	IOPub      int    `json:"iopub_port"`
	Stdin      int    `json:"stdin_port"`
	Control    int    `json:"control_port"`
	Heartbeat  int    `json:"hb_port"`
	Scheme     string `json:"signature_scheme"`
	Key        string `json:"key"`
	KernelName string `json:"kernel_name,omitempty"`
}

// Check says what keeps a kernel from listening there, in a sentence.
func (c Connection) Check() error {
	if c.Transport != "tcp" && c.Transport != "" {
		return fmt.Errorf("the transport is %q; this kernel knows tcp", c.Transport)
	}
	if c.Scheme != "hmac-sha256" && c.Scheme != "" {
		return fmt.Errorf("the signature scheme is %q; this kernel knows hmac-sha256", c.Scheme)
	}
	ip, err := netip.ParseAddr(c.IP)
	if err != nil || !ip.IsLoopback() {
		return fmt.Errorf(
			"the kernel would listen on %q, where other machines could reach it; it listens on 127.0.0.1 only: leave KernelManager.ip as it is, and forward the ports by ssh",
			c.IP,
		)
	}
	for _, port := range []int{c.Shell, c.IOPub, c.Stdin, c.Control, c.Heartbeat} {
		if port < 0 || port > 1<<16-1 {
			return fmt.Errorf("%d is no port", port)
		}
	}
	return nil
}

// Address is host:port.
func (c Connection) Address(port int) string { return net.JoinHostPort(c.IP, fmt.Sprint(port)) }

// mostFile bounds a connection file.
const mostFile = 64 << 10

// ReadConnection reads and checks a connection file.
func ReadConnection(path string) (Connection, error) {
	var c Connection
	f, err := atomicfile.Open(path)
	if err != nil {
		return c, fmt.Errorf("the connection file cannot be read: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return c, err
	case info.Size() > mostFile:
		return c, fmt.Errorf("%s is no connection file", path)
	}
	if err := json.NewDecoder(f).Decode(&c); err != nil {
		return c, fmt.Errorf("%s is no connection file: %w", path, err)
	}
	if err := c.Check(); err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// NewConnection chooses five free ports and a key.
func NewConnection() (Connection, error) {
	c := Connection{Transport: "tcp", IP: "127.0.0.1", Scheme: "hmac-sha256", Key: NewID()}
	for _, port := range []*int{&c.Shell, &c.IOPub, &c.Stdin, &c.Control, &c.Heartbeat} {
		l, err := net.Listen("tcp", c.Address(0))
		if err != nil {
			return c, err
		}
		defer l.Close() // all five are held until the last is chosen
		*port = l.Addr().(*net.TCPAddr).Port
	}
	return c, nil
}

// Write puts the file at path, readable by its owner only, in a folder that only the owner can enter if it has to be
// made.
func (c Connection) Write(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	data, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteFrom(path, bytes.NewReader(append(data, '\n')), 0o600)
}

// RuntimeDir is where front ends and kernels keep connection files, as jupyter_core finds it. It is made, for the owner
// only.
func RuntimeDir() (string, error) {
	dir := os.Getenv("JUPYTER_RUNTIME_DIR")
	if dir == "" {
		data, err := DataDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(data, "runtime")
	}
	return dir, os.MkdirAll(dir, 0o700)
}

// DataDir is the user's folder of Jupyter's data, as jupyter_core finds it on Linux. It is not made.
func DataDir() (string, error) {
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return dir, nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "jupyter"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", errors.New("no home folder is known: set HOME or JUPYTER_DATA_DIR")
	}
	return filepath.Join(home, ".local", "share", "jupyter"), nil
}
