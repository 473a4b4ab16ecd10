package programs

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"
)

// Key identifies a program: the SHA-256 of everything that the compiled program depends on.
type Key [sha256.Size]byte

// ErrRefused reports a file that must not be used.
var ErrRefused = errors.New("a compiled program on disk is not used")

var errDamaged = errors.New("it is damaged, of another key, or of another version")

// Names of files in a store. A file that is being written has the prefix.
const (
	suffix = ".program"
	prefix = "writing-"
)

// Store is a directory of compiled programs. It is safe for several goroutines and processes.
type Store struct {
	root  *os.Root
	limit int64
}

// Open opens the store in dir, and creates the directory, for this user only, if there is none. limit is the size in
// bytes that all files together may have. The error is the reason why the directory cannot be used.
func Open(dir string, limit int64) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	info, err := root.Stat(".")
	if err == nil {
		err = trusted(info)
	}
	if err != nil {
		root.Close()
		return nil, fmt.Errorf("%s %w", dir, err)
	}
	return &Store{root: root, limit: limit}, nil
}

// Close closes the store.
func (s *Store) Close() error { return s.root.Close() }

// Get returns the program with this key, or nil if there is none. The error is [ErrRefused] with its reason; what was
// found is then removed.
func (s *Store) Get(key Key) ([]byte, error) {
	program, err := s.read(key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, errors.Join(ErrRefused, err, s.Remove(key))
	}
	now := time.Now()
	_ = s.root.Chtimes(key.name(), now, now) // a store that cannot be written to keeps its order
	return program, nil
}

// Put stores a program, and then removes others if the limit is exceeded. If it fails, the store has the former program
// of this key or none.
func (s *Store) Put(key Key, program []byte) error {
	content := append(header(key, program), program...)
	if int64(len(content)) > s.limit {
		return fmt.Errorf("a program of %d bytes exceeds the limit of %d", len(content), s.limit)
	}
	name := prefix + rand.Text()
	err := s.root.WriteFile(name, content, 0o600)
	if err == nil {
		err = s.root.Rename(name, key.name())
	}
	if err != nil {
		_ = s.root.Remove(name) // else prune does it later
		return err
	}
	return s.prune(time.Now())
}

// Remove removes the program with this key, if there is one.
func (s *Store) Remove(key Key) error { return s.root.RemoveAll(key.name()) }

// read returns the program in the file of key.
func (s *Store) read(key Key) ([]byte, error) {
	// A pipe must not block the caller.
	file, err := s.root.OpenFile(key.name(), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > s.limit {
		return nil, errDamaged
	}
	if err := trusted(info); err != nil {
		return nil, err
	}
	content := make([]byte, info.Size())
	if n, err := file.ReadAt(content, 0); n < len(content) {
		return nil, err
	}
	return decode(key, content)
}

func (k Key) name() string { return hex.EncodeToString(k[:]) + suffix }

// UnmarshalText reads the hexadecimal form of a key, as names of files have it.
func (k *Key) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(k)) {
		return fmt.Errorf("a key has %d hexadecimal digits, not %d", hex.EncodedLen(len(k)), len(text))
	}
	_, err := hex.Decode(k[:], text)
	return err
}

// isProgram reports whether a file of this name is one of the store's.
func isProgram(name string) bool {
	hexadecimal, is := strings.CutSuffix(name, suffix)
	return is && len(hexadecimal) == hex.EncodedLen(sha256.Size)
}
