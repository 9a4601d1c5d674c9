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
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
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
	pica             = &http.Client{Timeout: 10 * time.Second, CheckRedirect: followNone}
)

// Who owns connections: your server decides, never the request. Or "team", "organization", "project".
const identityType = "user"

// followNone makes a redirect the answer: the secret key would go along, to any server that it names.
func followNone(*http.Request, []*http.Request) error {
	return http.ErrUseLastResponse
}

func setting(name, otherwise string) string {
	value := strings.TrimSpace(os.Getenv(name))
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

var credentialPattern = regexp.MustCompile(`^Bearer ((token|connections)\.(.+)\.([0-9]+))\.([0-9a-f]{64})$`)

// userFor is the user whose credential it is: "purpose.user.expires.signature". Yours may be any other.
func userFor(purpose string, w http.ResponseWriter, r *http.Request) (string, bool) {
	found := credentialPattern.FindStringSubmatch(r.Header.Get("Authorization"))
	if found != nil && found[2] == purpose {
		mac := hmac.New(sha256.New, []byte(credentialSecret))
		mac.Write([]byte(found[1]))
		signature, _ := hex.DecodeString(found[5])
		expires, _ := strconv.ParseInt(found[4], 10, 64)
		if hmac.Equal(signature, mac.Sum(nil)) && expires >= time.Now().Unix() {
			return found[3], true
		}
	}
	refuse(w, http.StatusUnauthorized, "Sign in first.")
	return "", false
}

// token is called by AuthKit's page, from its own origin, which has to be able to read refusals too.
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
	user, ok := userFor("token", w, r)
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
	identity, err := json.Marshal(map[string]string{"identity": user, "identityType": identityType})
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
		if found.Rows == nil {
			return nil, errors.New("an answer without rows")
		}
		rows = append(rows, found.Rows...)
		if page >= found.Pages {
			return &Token{rows, 1, 1, found.Total, found.RequestID, flags.AuthkitWhitelist}, nil
		}
	}
}

// keysInVault has the keys of the connections that are this user's at Pica, whatever else the answer lists.
func keysInVault(user string) (map[string]bool, error) {
	keys := map[string]bool{}
	query := url.Values{"identity": {user}, "identityType": {identityType}, "limit": {"100"}}
	for page := 1; ; page++ {
		var found struct {
			Rows []struct {
				Key          string `json:"key"`
				Identity     string `json:"identity"`
				IdentityType string `json:"identityType"`
			} `json:"rows"`
			Pages int `json:"pages"`
		}
		query.Set("page", strconv.Itoa(page))
		if err := askPica(http.MethodGet, "/v1/vault/connections?"+query.Encode(), nil, &found); err != nil {
			return nil, err
		}
		if found.Rows == nil {
			return nil, errors.New("an answer without rows")
		}
		for _, row := range found.Rows {
			if row.Identity == user && (row.IdentityType == identityType || row.IdentityType == "") {
				keys[row.Key] = true
			}
		}
		if page >= found.Pages {
			return keys, nil
		}
	}
}

// isInVault tries for ten seconds, since the vault may lag behind; it gives up at once if Pica is away.
func isInVault(user, key string) bool {
	for _, seconds := range []int{0, 1, 3, 6} {
		time.Sleep(time.Duration(seconds) * time.Second)
		keys, err := keysInVault(user)
		if err != nil {
			log.Print("Pica did not say whose this connection is: ", err)
			return false
		}
		if keys[key] {
			return true
		}
	}
	return false
}

// askPica's errors repeat neither headers nor what Pica sent: the secret key could be in it.
func askPica(method, path string, body []byte, into any) error {
	request, err := http.NewRequest(method, picaAPI+path, bytes.NewReader(body))
	if err != nil {
		return errors.New("PICA_API is not an address")
	}
	request.Header.Set("X-Pica-Secret", picaSecret)
	request.Header.Set("Content-Type", "application/json")
	response, err := pica.Do(request)
	var network *net.OpError
	if errors.As(err, &network) {
		return network // "dial tcp: connection refused"
	}
	if err != nil {
		return errors.New("no answer that can be read, or none in time")
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	if json.NewDecoder(response.Body).Decode(into) != nil {
		return errors.New("an answer that is not the JSON it should be")
	}
	return nil
}

// A Row of the table; there is one for each owner and key. Do not use one that is not confirmed: the user has only
// claimed it. Rows are in a file, behind a lock: put your database here.
type Row struct {
	IdentityType string    `json:"identity_type"`
	Identity     string    `json:"identity"`
	Platform     string    `json:"platform"`
	Key          string    `json:"connection_key"`
	Environment  string    `json:"environment"`
	State        string    `json:"state"`
	Name         string    `json:"name,omitempty"`
	Confirmed    bool      `json:"confirmed"`
	CreatedAt    time.Time `json:"created_at"`
	// Whose it was in an earlier version of this file.
	User string `json:"user,omitempty"`
}

func (row Row) isOf(user string) bool {
	return row.IdentityType == identityType && row.Identity == user
}

// shown is what the user's page is told of it.
func (row Row) shown() Row {
	if !row.Confirmed {
		row.State = "unknown"
	}
	return row
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
	err = json.Unmarshal(text, &rows)
	for at, row := range rows {
		if row.User != "" {
			rows[at].IdentityType, rows[at].Identity, rows[at].User = identityType, row.User, ""
		}
	}
	return rows, err
}

func store(rows []Row) error {
	text, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// change lets one request at a time change the rows; without an error what it returns is stored.
func change(do func(rows []Row) []Row) error {
	lock.Lock()
	defer lock.Unlock()
	rows, err := stored()
	if err != nil {
		return err
	}
	return store(do(rows))
}

func rowsOf(user string) ([]Row, error) {
	lock.Lock()
	defer lock.Unlock()
	rows, err := stored()
	mine := []Row{}
	for _, row := range rows {
		if row.isOf(user) {
			mine = append(mine, row.shown())
		}
	}
	return mine, err
}

func connections(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet:
		if user, ok := userFor("connections", w, r); ok {
			list(w, user)
		}
	case http.MethodPost:
		if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
			refuse(w, http.StatusUnsupportedMediaType, "Send application/json.")
		} else if user, ok := userFor("connections", w, r); ok {
			add(w, r, user)
		}
	default:
		w.Header().Set("Allow", "GET, POST")
		refuse(w, http.StatusMethodNotAllowed, "Use GET or POST.")
	}
}

func list(w http.ResponseWriter, user string) {
	rows, err := rowsOf(user)
	for _, row := range rows {
		if err == nil && !row.Confirmed {
			if err = checkWithVault(user); err == nil {
				rows, err = rowsOf(user)
			}
			break
		}
	}
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, http.StatusOK, rows)
}

// checkWithVault confirms the rows that the vault has by now, and drops those it has not had for ten minutes.
func checkWithVault(user string) error {
	keys, err := keysInVault(user)
	if err != nil {
		log.Print("Pica did not say which connections are confirmed: ", err)
		return nil
	}
	return change(func(rows []Row) []Row {
		kept := []Row{}
		for _, row := range rows {
			if row.isOf(user) {
				row.Confirmed = row.Confirmed || keys[row.Key]
				if !row.Confirmed && time.Since(row.CreatedAt) > 10*time.Minute {
					continue
				}
			}
			kept = append(kept, row)
		}
		return kept
	})
}

func add(w http.ResponseWriter, r *http.Request, user string) {
	given := struct {
		Platform    string `json:"platform"`
		Key         string `json:"connection_key"`
		Environment string `json:"environment"`
		State       string `json:"state"`
		Name        string `json:"name"`
	}{Environment: "live", State: "operational"}
	body := http.MaxBytesReader(w, r.Body, 16<<10)
	err := json.NewDecoder(body).Decode(&given)
	for _, text := range []string{given.Platform, given.Key, given.Environment, given.State} {
		if err != nil || text == "" || len(text) > 500 || len(given.Name) > 500 {
			refuse(w, http.StatusBadRequest, "platform and connection_key must be texts.")
			return
		}
	}
	mine, err := rowsOf(user)
	if err != nil {
		fail(w, err)
		return
	}
	// Whoever knows a key is not its owner yet: Pica says whose it is.
	isConfirmed := false
	for _, row := range mine {
		isConfirmed = isConfirmed || row.Key == given.Key && row.Confirmed
	}
	isConfirmed = isConfirmed || isInVault(user, given.Key)

	row := Row{
		IdentityType: identityType, Identity: user, Platform: given.Platform, Key: given.Key,
		Environment: given.Environment, State: given.State, Name: given.Name,
		Confirmed: isConfirmed, CreatedAt: time.Now().UTC(),
	}
	status := http.StatusCreated
	err = change(func(rows []Row) []Row {
		for at, before := range rows {
			if before.isOf(user) && before.Key == row.Key {
				if before.Confirmed {
					row.CreatedAt, row.Confirmed = before.CreatedAt, true
				}
				status = http.StatusOK
				rows = append(rows[:at], rows[at+1:]...)
				break
			}
		}
		return append(rows, row)
	})
	if err != nil {
		fail(w, err)
		return
	}
	if !row.Confirmed {
		status = http.StatusAccepted
	}
	answer(w, status, row.shown())
}

func connection(w http.ResponseWriter, r *http.Request) {
	user, ok := userFor("connections", w, r)
	if !ok {
		return
	}
	key, err := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), "/api/connections/"))
	if r.Method != http.MethodDelete || err != nil {
		w.Header().Set("Allow", "DELETE")
		refuse(w, http.StatusMethodNotAllowed, "Use DELETE.")
		return
	}
	isDeleted := false
	err = change(func(rows []Row) []Row {
		for at, row := range rows {
			if row.isOf(user) && row.Key == key {
				isDeleted = true
				return append(rows[:at], rows[at+1:]...)
			}
		}
		return rows
	})
	if err != nil {
		fail(w, err)
		return
	}
	if !isDeleted {
		// Another user's is answered like one that is not there: nobody learns that it is.
		refuse(w, http.StatusNotFound, "There is no such connection.")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
