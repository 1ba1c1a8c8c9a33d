// Package ui is everything that a person or a machine reads of a run: the
// plan, also as a pull request's comment, the question, the progress, the
// summary, the JSON document, the env lines and errors.
//
// It draws from the report and the events of package reconcile and makes no
// decision of its own. People read stderr, machines stdout, and both the lines
// of a log, which are what was asked for, stdout. Escape codes are
// written here and nowhere else, and only to a terminal; control characters in
// what AWS or a manifest says are shown as text, never sent.
//
// Start at Streams; Plan, NewProgress, Summary and JSON follow a run in that
// order.
package ui
