package main

import (
	"encoding/base64"
	"encoding/json"
	"sort"
	"strings"
	"time"
)

// What a cookie's value claims, signed or not: nothing in it is to be believed.
type claimed struct {
	Aud, Sub, Jti string
	Exp           int64
	value         string
}

// The newest value of each consent id, the newest of all first, of those that can be a choice at this site. A cookie from
// before a withdrawal may lie at another path. And where they are of several consent ids, a sibling host has put one
// there: it must grant nothing that the visitor's own refuses.
func newest(values []string, site string) []string {
	found := map[string]claimed{}
	for _, value := range values {
		claims, ok := read(value)
		if !ok || claims.Aud != site || claims.Exp <= time.Now().Unix() {
			continue
		}
		if known, isThere := found[claims.Sub]; !isThere || known.order() < claims.order() {
			found[claims.Sub] = claims
		}
	}
	var standing []claimed
	for _, claims := range found {
		standing = append(standing, claims)
	}
	sort.Slice(standing, func(i, j int) bool { return standing[i].order() > standing[j].order() })
	var sorted []string
	for _, claims := range standing {
		sorted = append(sorted, claims.value)
	}
	return sorted
}

// Ids begin with the time; of one record, what is signed comes after what is not.
func (claims claimed) order() string {
	if strings.Contains(claims.value, ".") {
		return claims.Jti + "1"
	}
	return claims.Jti + "0"
}

func read(value string) (claimed, bool) {
	parts := strings.Split(value, ".")
	part := parts[0]
	if len(parts) == 3 {
		part = parts[1]
	}
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return claimed{}, false
	}
	claims := claimed{value: value}
	err = json.Unmarshal(text, &claims)
	return claims, err == nil
}
