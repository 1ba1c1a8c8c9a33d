package ui

// Tell says one thing to people, indented, and wrapped where the terminal ends.
// Without text it is an empty line.
func Tell(s *Streams, indent int, text string) {
	p := s.layout().page()
	p.line(indent, 2, clean(text))
	s.print(p)
}
