package wire

import (
	"encoding/json"
	"reflect"
	"strings"
)

// members is what a type takes from a JSON text: by name what its members
// take, or what each element of a list or map takes. nil takes everything.
type members struct {
	named map[string]*members
	each  *members
}

// membersOf reads a type as encoding/json does. The type must not contain
// itself.
func membersOf(t reflect.Type) *members {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()):
		return nil
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Map:
		if each := membersOf(t.Elem()); each != nil {
			return &members{each: each}
		}
		return nil
	case t.Kind() != reflect.Struct:
		return nil
	}
	m := &members{named: map[string]*members{}}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() || f.Anonymous && name == "" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		m.named[name] = membersOf(f.Type)
	}
	return m
}

// only leaves out of a JSON text the members that AWS would not see: it tells
// upper from lower case, which encoding/json does not. A text of another form
// is returned as it is, for the decoder to refuse.
func (m *members) only(text json.RawMessage) json.RawMessage {
	if m == nil {
		return text
	}
	var list []json.RawMessage
	if m.each != nil && json.Unmarshal(text, &list) == nil && list != nil {
		for i := range list {
			list[i] = m.each.only(list[i])
		}
		return encoded(list, text)
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(text, &object) != nil || object == nil {
		return text
	}
	for name, value := range object {
		inner, known := m.named[name]
		if m.each != nil {
			inner, known = m.each, true
		}
		if !known {
			delete(object, name)
			continue
		}
		object[name] = inner.only(value)
	}
	return encoded(object, text)
}

func encoded(value any, otherwise json.RawMessage) json.RawMessage {
	text, err := json.Marshal(value)
	if err != nil {
		return otherwise
	}
	return text
}
