package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

var (
	picaSecret       = setting("PICA_SECRET_KEY", "")
	credentialSecret = setting("CREDENTIAL_SECRET", "")
	picaAPI          = setting("PICA_API", "https://api.picaos.com")
	authkitOrigin    = setting("AUTHKIT_ORIGIN", "https://authkit.picaos.com")
	pica             = &http.Client{Timeout: 10 * time.Second}
)

func setting(name, otherwise string) string {
	value := os.Getenv(name)
	if value == "" {
		value = otherwise
	}
	if value == "" {
		log.Fatalf("Set %s.", name)
	}
	return value
}

func main() {
	http.HandleFunc("/api/authkit/token", token)
	http.HandleFunc("/api/connections", connections)
	http.HandleFunc("/api/connections/", connection)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+setting("PORT", "3000"), nil))
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		log.Print(err)
	}
}

func refuse(w http.ResponseWriter, status int, reason string) {
	answer(w, status, map[string]string{"error": reason})
}

func fail(w http.ResponseWriter, err error) {
	log.Print(err)
	refuse(w, http.StatusInternalServerError, "Something went wrong.")
}

// userOf is the user whose credential it is: "user.expires.signature". Yours may be any other.
func userOf(w http.ResponseWriter, r *http.Request) (string, bool) {
	credential := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	signed, signature := cutLast(credential)
	user, expires := cutLast(signed)
	given, err := hex.DecodeString(signature)
	mac := hmac.New(sha256.New, []byte(credentialSecret))
	mac.Write([]byte(signed))
	until, _ := strconv.ParseInt(expires, 10, 64)
	if err != nil || user == "" || !hmac.Equal(given, mac.Sum(nil)) || until < time.Now().Unix() {
		refuse(w, http.StatusUnauthorized, "Sign in first.")
		return "", false
	}
	return user, true
}

func cutLast(text string) (before, after string) {
	at := strings.LastIndex(text, ".")
	if at < 0 {
		return "", text
	}
	return text[:at], text[at+1:]
}

// token is called by AuthKit's page, from its own origin; it has to be able to read refusals as well.
func token(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", authkitOrigin)
	w.Header().Set("Access-Control-Allow-Methods", "POST, OPTIONS")
	w.Header().Set("Access-Control-Allow-Headers", "authorization, content-type")
	w.Header().Set("Access-Control-Max-Age", "600")
	switch r.Method {
	case http.MethodOptions:
		w.WriteHeader(http.StatusNoContent)
		return
	case http.MethodPost:
	default:
		w.Header().Set("Allow", "POST, OPTIONS")
		refuse(w, http.StatusMethodNotAllowed, "Use POST.")
		return
	}
	user, ok := userOf(w, r)
	if !ok {
		return
	}
	created, err := createToken(user)
	if err != nil {
		log.Print("Pica gave no token: ", err)
		refuse(w, http.StatusBadGateway, "Pica gave no token.")
		return
	}
	answer(w, http.StatusOK, created)
}

// A Token is what opens AuthKit; its rows are handed on as they are.
type Token struct {
	Rows         []json.RawMessage `json:"rows"`
	Page         int               `json:"page"`
	Pages        int               `json:"pages"`
	Total        int               `json:"total"`
	RequestID    json.RawMessage   `json:"requestId"`
	IsWhiteLabel bool              `json:"isWhiteLabel"`
}

func createToken(user string) (*Token, error) {
	var flags struct {
		AuthkitWhitelist bool `json:"authkitWhitelist"`
	}
	if err := askPica(http.MethodGet, "/v1/users/flags", nil, &flags); err != nil {
		return nil, err
	}
	identity, err := json.Marshal(map[string]string{"identity": user, "identityType": "user"})
	if err != nil {
		return nil, err
	}
	var rows []json.RawMessage
	for page := 1; ; page++ {
		var found Token
		path := fmt.Sprintf("/v1/authkit?limit=100&page=%d", page)
		if err := askPica(http.MethodPost, path, identity, &found); err != nil {
			return nil, err
		}
		rows = append(rows, found.Rows...)
		if page >= found.Pages {
			return &Token{rows, 1, 1, found.Total, found.RequestID, flags.AuthkitWhitelist}, nil
		}
	}
}

func askPica(method, path string, body []byte, into any) error {
	request, err := http.NewRequest(method, picaAPI+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("X-Pica-Secret", picaSecret)
	request.Header.Set("Content-Type", "application/json")
	response, err := pica.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("%s: %s", path, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// A Row of the table. Rows are in a file, behind a lock: put your database here.
type Row struct {
	User        string    `json:"user"`
	Platform    string    `json:"platform"`
	Key         string    `json:"connection_key"`
	Environment string    `json:"environment"`
	State       string    `json:"state"`
	Name        string    `json:"name,omitempty"`
	CreatedAt   time.Time `json:"created_at"`
}

const file = "connections.json"

var lock sync.Mutex

func stored() ([]Row, error) {
	rows := []Row{}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return rows, nil
	}
	if err != nil {
		return nil, err
	}
	return rows, json.Unmarshal(text, &rows)
}

func store(rows []Row) error {
	text, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

func connections(w http.ResponseWriter, r *http.Request) {
	user, ok := userOf(w, r)
	if !ok {
		return
	}
	switch r.Method {
	case http.MethodGet:
		list(w, user)
	case http.MethodPost:
		given := Row{Environment: "live", State: "operational"}
		body := http.MaxBytesReader(w, r.Body, 16<<10)
		if json.NewDecoder(body).Decode(&given) != nil || given.Platform == "" || given.Key == "" {
			refuse(w, http.StatusBadRequest, "platform and connection_key must be texts.")
			return
		}
		add(w, user, given)
	default:
		w.Header().Set("Allow", "GET, POST")
		refuse(w, http.StatusMethodNotAllowed, "Use GET or POST.")
	}
}

func list(w http.ResponseWriter, user string) {
	lock.Lock()
	rows, err := stored()
	lock.Unlock()
	if err != nil {
		fail(w, err)
		return
	}
	mine := []Row{}
	for _, row := range rows {
		if row.User == user {
			mine = append(mine, row)
		}
	}
	answer(w, http.StatusOK, mine)
}

func add(w http.ResponseWriter, user string, given Row) {
	lock.Lock()
	defer lock.Unlock()
	rows, err := stored()
	if err != nil {
		fail(w, err)
		return
	}
	given.User, given.CreatedAt = user, time.Now().UTC()
	status := http.StatusCreated
	for at, row := range rows {
		if row.Key != given.Key {
			continue
		}
		if row.User != user {
			refuse(w, http.StatusConflict, "This connection is another user's.")
			return
		}
		given.CreatedAt, status = row.CreatedAt, http.StatusOK
		rows = append(rows[:at], rows[at+1:]...)
		break
	}
	if err := store(append(rows, given)); err != nil {
		fail(w, err)
		return
	}
	answer(w, status, given)
}

func connection(w http.ResponseWriter, r *http.Request) {
	user, ok := userOf(w, r)
	if !ok {
		return
	}
	key, err := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), "/api/connections/"))
	if r.Method != http.MethodDelete || err != nil {
		w.Header().Set("Allow", "DELETE")
		refuse(w, http.StatusMethodNotAllowed, "Use DELETE.")
		return
	}
	lock.Lock()
	defer lock.Unlock()
	rows, err := stored()
	if err != nil {
		fail(w, err)
		return
	}
	for at, row := range rows {
		if row.Key != key || row.User != user {
			continue
		}
		if err := store(append(rows[:at], rows[at+1:]...)); err != nil {
			fail(w, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
		return
	}
	// Another user's is answered like one that is not there: nobody learns that it is.
	refuse(w, http.StatusNotFound, "There is no such connection.")
}
