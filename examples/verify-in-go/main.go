// A page that is counted by a third party, for visitors who agreed to that.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
)

func main() {
	consent := NewConsent(os.Getenv("CONSENT_URL"), os.Getenv("CONSENT_SITE"))
	analytics := os.Getenv("ANALYTICS_URL")
	page := func(response http.ResponseWriter, request *http.Request) {
		allowed, reason := consent.Allows(request, "google-analytics", "analytics")
		if !allowed {
			fmt.Fprintf(response, "not counted: %v", reason)
			return
		}
		if counted, err := http.Post(analytics, "text/plain", strings.NewReader(request.URL.Path)); err == nil {
			counted.Body.Close()
		}
		fmt.Fprint(response, "counted")
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), http.HandlerFunc(page)))
}
