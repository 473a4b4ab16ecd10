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

// Connection is the content of a connection file.
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

// Check returns an error that describes why a kernel cannot listen at this connection.
func (c Connection) Check() error {
	if c.Transport != "tcp" && c.Transport != "" {
		return fmt.Errorf("the transport is %q; this kernel supports tcp only", c.Transport)
	}
	if c.Scheme != "hmac-sha256" && c.Scheme != "" {
		return fmt.Errorf("the signature scheme is %q; this kernel supports hmac-sha256 only", c.Scheme)
	}
	if c.IP == "" {
		return errors.New("it has no address, so it is not a connection file, or it is still being written")
	}
	ip, err := netip.ParseAddr(c.IP)
	if err != nil || !ip.IsLoopback() {
		return fmt.Errorf(
			"the address %q is reachable from other machines, and the kernel listens on 127.0.0.1 only: keep the default KernelManager.ip and forward the ports with ssh",
			c.IP,
		)
	}
	for _, port := range []int{c.Shell, c.IOPub, c.Stdin, c.Control, c.Heartbeat} {
		if port < 0 || port > 1<<16-1 {
			return fmt.Errorf("%d is not a port", port)
		}
	}
	return nil
}

// Address returns host:port.
func (c Connection) Address(port int) string { return net.JoinHostPort(c.IP, fmt.Sprint(port)) }

// maxFile is the size limit in bytes of a connection file.
const maxFile = 64 << 10

// ReadConnection reads and checks a connection file.
func ReadConnection(path string) (Connection, error) {
	var c Connection
	f, err := atomicfile.Open(path)
	if err != nil {
		return c, fmt.Errorf("cannot read the connection file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return c, err
	case info.Size() > maxFile:
		return c, fmt.Errorf("%s is not a connection file", path)
	}
	if err := json.NewDecoder(f).Decode(&c); err != nil {
		return c, fmt.Errorf("%s is not a connection file: %w", path, err)
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
		defer l.Close() // all five stay open until the last is chosen
		*port = l.Addr().(*net.TCPAddr).Port
	}
	return c, nil
}

// Write writes the connection file at path, readable by its owner only. If it has to create the directory, only the
// owner can enter it.
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

// RuntimeDir returns the directory of connection files, by the rules of jupyter_core. It creates the directory, for the
// owner only.
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

// DataDir returns the user's Jupyter data directory on Linux, by the rules of jupyter_core. It does not create it.
func DataDir() (string, error) {
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return dir, nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "jupyter"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", errors.New("the home directory is unknown: set HOME or JUPYTER_DATA_DIR")
	}
	return filepath.Join(home, ".local", "share", "jupyter"), nil
}
