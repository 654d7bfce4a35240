package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v4"
)

// Consent answers "may I?" from a request's cookie, with golang-jwt. No request leaves the process but for the server's
// public keys, which are kept.
type Consent struct {
	issuer, site, cookie string

	lock    sync.Mutex
	keys    map[string]published
	fetched time.Time
}

// A key, and when the server retired it, or since when it may have been in other hands.
type published struct {
	key ed25519.PublicKey
	end int64
}

// NewConsent trusts the receipts that the consent server at issuer (its base URL) signs for site.
func NewConsent(issuer, site string) *Consent {
	// The name that sites have by default; one that sets a path, a domain or a name of its own has another.
	cookie := "eu-consent"
	if strings.HasPrefix(issuer, "https:") {
		cookie = "__Host-eu-consent"
	}
	return &Consent{issuer: issuer, site: site, cookie: cookie}
}

type receipt struct {
	jwt.RegisteredClaims
	Choices  map[string]bool `json:"choices"`
	Services map[string]bool `json:"services"`
}

// Allows says whether a service may run for the sender of a request, and if not, why.
func (consent *Consent) Allows(request *http.Request, service, category string) (bool, error) {
	values := consent.values(request)
	if len(values) == 0 {
		return false, errors.New("no choice yet")
	}
	standing := newest(values, consent.site)
	if len(standing) == 0 {
		standing = values[:1]
	}
	// Each must grant.
	for _, value := range standing {
		claims, err := consent.verify(value)
		if err != nil {
			// Also where the keys cannot be had: nothing is granted because something failed.
			return false, err
		}
		// By a choice of its own, or else by that of its category.
		granted, isOwn := claims.Services[service]
		if !isOwn {
			granted = claims.Choices[category]
		}
		if !granted {
			return false, errors.New("refused")
		}
	}
	return true, nil
}

func (consent *Consent) values(request *http.Request) []string {
	var values []string
	for _, cookie := range request.Cookies() {
		if cookie.Name == consent.cookie {
			values = append(values, cookie.Value)
		}
	}
	return values
}

func (consent *Consent) verify(value string) (*receipt, error) {
	if !strings.Contains(value, ".") {
		return nil, errors.New("not signed")
	}
	claims := &receipt{}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"EdDSA"}))
	if _, err := parser.ParseWithClaims(value, claims, consent.key); err != nil {
		return nil, err
	}
	if !claims.VerifyExpiresAt(time.Now(), true) {
		return nil, errors.New("without an end")
	}
	if !claims.VerifyIssuer(consent.issuer, true) || !claims.VerifyAudience(consent.site, true) {
		return nil, errors.New("a receipt of another site")
	}
	return claims, nil
}

// The key that a receipt names.
func (consent *Consent) key(token *jwt.Token) (interface{}, error) {
	if token.Header["typ"] != "consent-receipt+jwt" {
		return nil, errors.New("another kind of token")
	}
	id, _ := token.Header["kid"].(string)
	consent.lock.Lock()
	defer consent.lock.Unlock()
	age := time.Since(consent.fetched)
	key, isKnown := consent.keys[id]
	// Asked for again once a day, and at most once a minute for a key that is not there.
	if age > 24*time.Hour || !isKnown && age > time.Minute {
		keys, err := fetch(consent.issuer + "/.well-known/jwks.json")
		if err != nil {
			return nil, err
		}
		consent.keys, consent.fetched = keys, time.Now()
		key, isKnown = keys[id]
	}
	if !isKnown {
		return nil, errors.New("signed with a key that is not the server's")
	}
	claims, isReceipt := token.Claims.(*receipt)
	if !isReceipt || claims.IssuedAt == nil || claims.IssuedAt.Unix() >= key.end {
		return nil, errors.New("signed when its key had ended")
	}
	return key.key, nil
}

func fetch(url string) (map[string]published, error) {
	client := http.Client{Timeout: 3 * time.Second}
	response, err := client.Get(url)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, response.Status)
	}
	var set struct {
		Keys []struct {
			Kty, Crv, Kid, X string
			Exp              *int64
			Revoked          *struct {
				At int64 `json:"revoked_at"`
			}
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&set); err != nil {
		return nil, err
	}
	keys := map[string]published{}
	for _, key := range set.Keys {
		x, err := base64.RawURLEncoding.DecodeString(key.X)
		if err == nil && key.Kty == "OKP" && key.Crv == "Ed25519" && len(x) == ed25519.PublicKeySize {
			end := int64(math.MaxInt64)
			if key.Exp != nil {
				end = *key.Exp
			}
			if key.Revoked != nil && key.Revoked.At < end {
				end = key.Revoked.At
			}
			// A key that is named twice is the first, and ends at the earlier end.
			if known, isThere := keys[key.Kid]; isThere {
				x = known.key
				if known.end < end {
					end = known.end
				}
			}
			keys[key.Kid] = published{x, end}
		}
	}
	return keys, nil
}
