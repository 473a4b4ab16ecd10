package language

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"smoothlab/internal/memory"
	"smoothlab/language/bounded"
	"smoothlab/report"

	"go.starlark.net/lib/math"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// maxSource is the maximum size of a cell in bytes. The parser and the compiler recurse, and a Go program cannot
// recover from a stack overflow.
const maxSource = 1 << 20

// last is the variable that holds the value of the last expression.
const last = "_"

// Interp runs cells one at a time and keeps their variables. Complete and Inspect may be called while a cell runs. They
// see the variables as before the current statement.
type Interp struct {
	functions []*Function
	names     func(kind, prefix string) []string
	guard     *bounded.Guard
	builtins  starlark.StringDict // bounded replacements of Starlark's functions, and operators

	abandoned abandoned
	running   sync.Mutex
	env       starlark.StringDict // functions, modules, the user's variables; used by the running cell only
	fixed     map[string]bool     // names in env that cannot be assigned

	mu   sync.Mutex
	seen starlark.StringDict // copy of env for concurrent readers; replaced, never changed
}

// New returns an interpreter with the given functions. names completes string arguments: it returns the names of a kind
// ([Param.Complete]), which may depend on the typed text.
func New(functions []*Function, names func(kind, prefix string) []string) *Interp {
	i := &Interp{functions: functions, names: names, env: starlark.StringDict{}, fixed: map[string]bool{}}
	i.guard = bounded.New(bounded.For(memory.Total()))
	i.builtins = i.guard.Names()
	maps.Copy(i.env, i.builtins)
	for _, f := range functions {
		i.env[f.Name] = f.bound(nil)
	}
	i.env["math"] = math.Module
	for name := range i.env {
		if _, isBuiltin := i.builtins[name].(*starlark.Builtin); !isBuiltin { // builtins can be assigned
			i.fixed[name] = true
		}
	}
	i.publish()
	return i
}

// options returns the dialect of a session: Starlark with control flow and reassignment at the top level, while, and
// sets.
func options() *syntax.FileOptions {
	return &syntax.FileOptions{Set: true, While: true, TopLevelControl: true, GlobalReassign: true}
}

// Functions returns the functions that the interpreter was made with.
func (i *Interp) Functions() []*Function { return i.functions }

// Variables returns the user's variables, except those from [Interp.Set] that start with an underscore.
func (i *Interp) Variables() starlark.StringDict {
	user := starlark.StringDict{}
	for name, v := range i.look() {
		if !i.fixed[name] && name[0] != '_' && !i.isBuiltin(name, v) {
			user[name] = v
		}
	}
	return user
}

// isBuiltin reports whether a variable still is a predefined function.
func (i *Interp) isBuiltin(name string, v starlark.Value) bool {
	b, ok := i.builtins[name].(*starlark.Builtin)
	return ok && v == starlark.Value(b)
}

// typable reports whether a name in env is an identifier. The names of operators are not.
func typable(k string) bool {
	for _, r := range k {
		return name(r)
	}
	return false
}

// Set sets a variable.
func (i *Interp) Set(name string, v starlark.Value) error {
	if i.fixed[name] {
		return fmt.Errorf("%s is a function of the session", name)
	}
	i.running.Lock()
	defer i.running.Unlock()
	i.env[name] = v
	i.publish()
	return nil
}

func (i *Interp) publish() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.seen = maps.Clone(i.env)
}

func (i *Interp) look() starlark.StringDict {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.seen
}

// maxMessage is the maximum length of an error message in characters, since it may contain a value.
const maxMessage = 2000

// Run runs a cell and returns the value of its last statement if that is an expression, else nil. Errors refer to the
// cell by name and are of type *report.Error.
func (i *Interp) Run(ctx context.Context, name, source string, out report.Output) (starlark.Value, error) {
	return i.shortened(i.run(ctx, cell{name: name, source: source}, out))
}

// RunFile runs the source of a file like Run. Errors include the file name and the line.
func (i *Interp) RunFile(ctx context.Context, name, source string, out report.Output) (starlark.Value, error) {
	return i.shortened(i.run(ctx, cell{name, source, true}, out))
}

// shortened cuts the message of an error to maxMessage.
func (i *Interp) shortened(v starlark.Value, err error) (starlark.Value, error) {
	var e *report.Error
	if errors.As(err, &e) && len(e.Message) > maxMessage {
		short := *e
		short.Message = bounded.Cut(e.Message, maxMessage)
		return v, &short
	}
	return v, err
}

func (i *Interp) run(ctx context.Context, c cell, out report.Output) (v starlark.Value, err error) {
	i.running.Lock()
	defer i.running.Unlock()
	defer i.publish()
	defer recovered(&v, &err)
	source, unreadable := readable(c)
	if unreadable != nil {
		return nil, unreadable
	}
	c.source = dedent(source)
	file, err := options().Parse(c.name, c.source, 0)
	if err != nil {
		return nil, syntaxError(c, err)
	}
	if err := i.assignable(file); err != nil {
		return nil, err
	}
	if err := i.guard.Rewrite(file); err != nil {
		return nil, syntaxError(c, err)
	}
	e, end := i.evaluation(ctx, c.name, out)
	defer end()
	for _, stmt := range file.Stmts {
		if v, err = i.statement(e.call, file, stmt); err != nil {
			return nil, e.failure(c, err)
		}
		i.publish()
	}
	if v != nil && v != starlark.None {
		i.env[last] = v
	}
	return v, nil
}

// statement runs one statement at the top level. A def, an expression, and an assignment to a single name read
// variables from the shared map when they run. Other statements run as REPL code on copies of the variables, which are
// stored back afterwards.
func (i *Interp) statement(call *Call, file *syntax.File, stmt syntax.Stmt) (starlark.Value, error) {
	thread := call.thread
	call.kept.Store(nil)
	part := &syntax.File{Path: file.Path, Options: file.Options, Stmts: []syntax.Stmt{stmt}}
	switch s := stmt.(type) {
	case *syntax.ExprStmt:
		return starlark.EvalExprOptions(file.Options, thread, s.X, i.env)
	case *syntax.DefStmt:
		return nil, i.define(thread, part)
	case *syntax.AssignStmt:
		if id, ok := s.LHS.(*syntax.Ident); ok && s.Op == syntax.EQ {
			if defines(s.RHS, id.Name) {
				return nil, i.define(thread, part)
			}
			v, err := starlark.EvalExprOptions(file.Options, thread, s.RHS, i.env)
			if err != nil {
				v = call.keptBy(s.RHS)
			}
			if v != nil {
				i.env[id.Name] = v
			}
			return nil, err
		}
	}
	return nil, starlark.ExecREPLChunk(part, thread, i.env)
}

// define runs a statement that makes functions. They look up other names in the shared map when called.
func (i *Interp) define(thread *starlark.Thread, part *syntax.File) error {
	program, err := starlark.FileProgram(part, i.predeclared)
	if err != nil {
		return err
	}
	globals, err := program.Init(thread, i.env)
	maps.Copy(i.env, globals)
	return err
}

// defines reports whether an expression makes a function and does not use the name it is assigned to, which would have
// no value yet in a separate program.
func defines(e syntax.Expr, name string) bool {
	makes, uses := false, false
	syntax.Walk(e, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.LambdaExpr:
			makes = true
		case *syntax.Ident:
			uses = uses || n.Name == name
		}
		return true
	})
	return makes && !uses
}

// predeclared allows the body of a function to use names that are defined later.
func (i *Interp) predeclared(name string) bool {
	return i.env.Has(name) || !starlark.Universe.Has(name)
}

// assignable returns an error for a cell that assigns to a function of the session, before any of it runs.
func (i *Interp) assignable(file *syntax.File) error {
	var found *syntax.Ident
	check := func(e syntax.Expr) {
		for _, id := range assigned(e) {
			if i.fixed[id.Name] && found == nil {
				found = id
			}
		}
	}
	var visit func(stmts []syntax.Stmt)
	visit = func(stmts []syntax.Stmt) {
		for _, s := range stmts {
			switch s := s.(type) {
			case *syntax.AssignStmt:
				check(s.LHS)
			case *syntax.DefStmt:
				check(s.Name)
			case *syntax.ForStmt:
				check(s.Vars)
				visit(s.Body)
			case *syntax.WhileStmt:
				visit(s.Body)
			case *syntax.IfStmt:
				visit(s.True)
				visit(s.False)
			}
		}
	}
	visit(file.Stmts)
	if found == nil {
		return nil
	}
	return &report.Error{
		Name:    report.Failed,
		Message: fmt.Sprintf("%s is a function of the session and cannot be assigned; choose another name", found.Name),
	}
}

// assigned returns the names that an assignment to e sets.
func assigned(e syntax.Expr) []*syntax.Ident {
	switch e := e.(type) {
	case *syntax.Ident:
		return []*syntax.Ident{e}
	case *syntax.ParenExpr:
		return assigned(e.X)
	case *syntax.TupleExpr:
		return assignedAll(e.List)
	case *syntax.ListExpr:
		return assignedAll(e.List)
	}
	return nil
}

func assignedAll(list []syntax.Expr) []*syntax.Ident {
	var all []*syntax.Ident
	for _, e := range list {
		all = append(all, assigned(e)...)
	}
	return all
}

// universe returns the names predefined by Starlark, sorted.
func universe() []string { return slices.Sorted(maps.Keys(starlark.Universe)) }
