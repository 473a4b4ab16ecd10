package bounded

import (
	"fmt"
	"strconv"

	"go.starlark.net/syntax"
)

// maxNesting is the maximum nesting of expressions. The compiler recurses, and a Go program cannot recover from a stack
// overflow.
const maxNesting = 5000

// Names of functions for operators without a separate token.
const (
	nameKey       = "[]"
	nameSlice     = "[:]"
	nameSpread    = "*…"
	nameAttr      = "."
	nameAugment   = "[]="
	nameAugmentAt = ".="
)

// Rewrite replaces operations that could run long by calls of the functions in Names.
func (g *Guard) Rewrite(file *syntax.File) error {
	r := &rewriter{guarded: g.guardedMethod}
	r.stmts(file.Stmts)
	return r.err
}

type rewriter struct {
	guarded func(method string) bool
	depth   int
	err     error
}

func (r *rewriter) stmts(list []syntax.Stmt) {
	for i, s := range list {
		list[i] = r.stmt(s)
	}
}

func (r *rewriter) stmt(s syntax.Stmt) syntax.Stmt {
	switch s := s.(type) {
	case *syntax.AssignStmt:
		return r.assign(s)
	case *syntax.DefStmt:
		r.params(s.Params)
		r.stmts(s.Body)
	case *syntax.ExprStmt:
		s.X = r.expr(s.X)
	case *syntax.ForStmt:
		s.Vars, s.X = r.target(s.Vars), r.expr(s.X)
		r.stmts(s.Body)
	case *syntax.WhileStmt:
		s.Cond = r.expr(s.Cond)
		r.stmts(s.Body)
	case *syntax.IfStmt:
		s.Cond = r.expr(s.Cond)
		r.stmts(s.True)
		r.stmts(s.False)
	case *syntax.ReturnStmt:
		s.Result = r.expr(s.Result)
	}
	return s
}

// assign rewrites x += y to x = +=(x, y), and x[i] += y to a call that evaluates x and i once.
func (r *rewriter) assign(s *syntax.AssignStmt) syntax.Stmt {
	s.RHS = r.expr(s.RHS)
	if s.Op != syntax.PLUS_EQ && s.Op != syntax.STAR_EQ && s.Op != syntax.PERCENT_EQ ||
		isLiteral(s.RHS) && s.Op != syntax.STAR_EQ {
		s.LHS = r.target(s.LHS)
		return s
	}
	op := text(s.Op.String(), s.OpPos)
	switch lhs := unparen(s.LHS).(type) {
	case *syntax.Ident:
		use := &syntax.Ident{NamePos: lhs.NamePos, Name: lhs.Name}
		return &syntax.AssignStmt{
			OpPos: s.OpPos,
			Op:    syntax.EQ,
			LHS:   lhs,
			RHS:   call(s.Op.String(), s.OpPos, use, s.RHS),
		}
	case *syntax.IndexExpr:
		return &syntax.ExprStmt{X: call(nameAugment, s.OpPos, r.expr(lhs.X), r.key(lhs.Y), op, s.RHS)}
	case *syntax.DotExpr:
		return &syntax.ExprStmt{
			X: call(nameAugmentAt, s.OpPos, r.expr(lhs.X), text(lhs.Name.Name, lhs.NamePos), op, s.RHS),
		}
	}
	return s
}

// target rewrites the target of an assignment.
func (r *rewriter) target(e syntax.Expr) syntax.Expr {
	switch e := e.(type) {
	case *syntax.ParenExpr:
		e.X = r.target(e.X)
	case *syntax.TupleExpr:
		for i, x := range e.List {
			e.List[i] = r.target(x)
		}
	case *syntax.ListExpr:
		for i, x := range e.List {
			e.List[i] = r.target(x)
		}
	case *syntax.IndexExpr:
		e.X, e.Y = r.expr(e.X), r.key(e.Y)
	case *syntax.DotExpr:
		e.X = r.expr(e.X)
	}
	return e
}

func (r *rewriter) expr(e syntax.Expr) syntax.Expr {
	if e == nil || r.err != nil {
		return e
	}
	if r.depth++; r.depth > maxNesting {
		start, _ := e.Span()
		r.err = syntax.Error{Pos: start, Msg: fmt.Sprintf("the expression is nested more than %d deep", maxNesting)}
	}
	defer func() { r.depth-- }()
	switch e := e.(type) {
	case *syntax.BinaryExpr:
		return r.binary(e)
	case *syntax.CallExpr:
		e.Fn = r.expr(e.Fn)
		r.args(e.Args)
	case *syntax.DotExpr:
		e.X = r.expr(e.X)
		if r.guarded(e.Name.Name) {
			return call(nameAttr, e.Dot, e.X, text(e.Name.Name, e.NamePos))
		}
	case *syntax.IndexExpr:
		e.X, e.Y = r.expr(e.X), r.key(e.Y)
	case *syntax.SliceExpr:
		e.X, e.Lo, e.Hi, e.Step = r.expr(e.X), r.expr(e.Lo), r.expr(e.Hi), r.expr(e.Step)
		return call(nameSlice, e.Lbrack, e)
	case *syntax.Comprehension:
		r.comprehension(e)
	case *syntax.DictEntry:
		e.Key, e.Value = r.key(e.Key), r.expr(e.Value)
	case *syntax.LambdaExpr:
		r.params(e.Params)
		e.Body = r.expr(e.Body)
	case *syntax.CondExpr:
		e.Cond, e.True, e.False = r.expr(e.Cond), r.expr(e.True), r.expr(e.False)
	case *syntax.ParenExpr:
		e.X = r.expr(e.X)
	case *syntax.UnaryExpr:
		e.X = r.expr(e.X)
	case *syntax.DictExpr:
		r.exprs(e.List)
	case *syntax.ListExpr:
		r.exprs(e.List)
	case *syntax.TupleExpr:
		r.exprs(e.List)
	}
	return e
}

func (r *rewriter) exprs(list []syntax.Expr) {
	for i, e := range list {
		list[i] = r.expr(e)
	}
}

func (r *rewriter) comprehension(e *syntax.Comprehension) {
	e.Body = r.expr(e.Body)
	for _, clause := range e.Clauses {
		switch c := clause.(type) {
		case *syntax.ForClause:
			c.Vars, c.X = r.target(c.Vars), r.expr(c.X)
		case *syntax.IfClause:
			c.Cond = r.expr(c.Cond)
		}
	}
}

// binary replaces an operator by a call, unless it is fast for all operands.
func (r *rewriter) binary(e *syntax.BinaryExpr) syntax.Expr {
	e.X, e.Y = r.expr(e.X), r.expr(e.Y)
	switch e.Op {
	case syntax.STAR:
	case syntax.PERCENT:
		if isLiteral(e.Y) {
			return e
		}
	case syntax.PLUS, syntax.IN, syntax.NOT_IN, syntax.EQL, syntax.NEQ, syntax.LT, syntax.GT, syntax.LE, syntax.GE:
		if isLiteral(e.X) || isLiteral(e.Y) {
			return e
		}
	default: // arithmetic, and sets whose size is bounded by their operands
		return e
	}
	return call(e.Op.String(), e.OpPos, e.X, e.Y)
}

// key rewrites an index or a key, because hashing a tuple recurses.
func (r *rewriter) key(e syntax.Expr) syntax.Expr {
	e = r.expr(e)
	if isLiteral(e) {
		return e
	}
	start, _ := e.Span()
	return call(nameKey, start, e)
}

// args rewrites the arguments of a call.
func (r *rewriter) args(list []syntax.Expr) {
	for i, a := range list {
		switch a := a.(type) {
		case *syntax.BinaryExpr:
			if a.Op == syntax.EQ {
				a.Y = r.expr(a.Y)
				continue
			}
		case *syntax.UnaryExpr:
			if a.Op == syntax.STAR {
				a.X = call(nameSpread, a.OpPos, r.expr(a.X))
				continue
			}
		}
		list[i] = r.expr(a)
	}
}

// params rewrites the defaults of parameters.
func (r *rewriter) params(list []syntax.Expr) {
	for _, p := range list {
		if b, ok := p.(*syntax.BinaryExpr); ok {
			b.Y = r.expr(b.Y)
		}
	}
}

// isLiteral reports whether an expression is a number or a string, perhaps with a sign.
func isLiteral(e syntax.Expr) bool {
	switch e := unparen(e).(type) {
	case *syntax.Literal:
		return true
	case *syntax.UnaryExpr:
		return e.X != nil && e.Op != syntax.NOT && isLiteral(e.X)
	}
	return false
}

func unparen(e syntax.Expr) syntax.Expr {
	for {
		p, ok := e.(*syntax.ParenExpr)
		if !ok {
			return e
		}
		e = p.X
	}
}

func call(name string, pos syntax.Position, args ...syntax.Expr) *syntax.CallExpr {
	return &syntax.CallExpr{Fn: &syntax.Ident{NamePos: pos, Name: name}, Lparen: pos, Args: args, Rparen: pos}
}

func text(s string, pos syntax.Position) *syntax.Literal {
	return &syntax.Literal{Token: syntax.STRING, TokenPos: pos, Raw: strconv.Quote(s), Value: s}
}
