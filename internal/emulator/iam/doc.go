// Package iam is the emulated AWS Identity and Access Management, as far as
// roles go: making, reading, listing, tagging and deleting them. Nothing is
// ever authorized by them; they exist so that other services can tell whether
// a principal does.
//
// Start at New; RoleExists is what the other services ask.
package iam
