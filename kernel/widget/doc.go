// Package widget implements the models of Jupyter's widgets: ipywidgets 8, whose front end is jupyterlab_widgets. It
// does not depend on what the widgets control.
//
// Nouns. A [Kind] is a class of the front end with its traits; [Kinds] lists those that the kernel uses. A [Model] is
// one widget: its state is kept in the kernel and copied to the front ends through a comm. A [Board] makes models and
// answers front ends that ask for the states of all of them, as JupyterLab does when a notebook is opened again. A
// [State] holds traits by name; a []byte in it travels as a binary buffer.
//
// Lifecycle. [Board.New] opens a model, [Model.Set] changes it, and [Model.Close] removes it from the front ends. A
// trait that a user changes reaches the function given to [Model.OnInput], which decides whether the change holds; all
// front ends then get an echo of it, or the old value. Traps. The kernel accepts changes of one trait per kind, its
// input: front ends send others, such as the number of views, which are ignored. Models refer to each other by
// [Model.Ref], and must be opened before the models that contain them.
//
// Sources: the Jupyter Widgets messaging protocol 2.1 and model specification of ipywidgets 8.1; the traits are
// compared with ipywidgets' own classes by package internal/jupytertest.
//
// Entry points: [NewBoard], [Board.New], [Kinds].
package widget
