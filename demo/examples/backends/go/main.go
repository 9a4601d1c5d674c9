package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	pica             = &http.Client{Timeout: 10 * time.Second, CheckRedirect: rejectRedirects}
)

// The type of owner. Never take it from a request. It could also be "team", "organization" or "project".
const identityType = "user"

// environment is the one that the secret key can see.
var environment = map[bool]string{true: "test", false: "live"}[strings.HasPrefix(picaSecret, "sk_test")]

// rejectRedirects returns a redirect as the response. Following it would send the secret key to another server.
func rejectRedirects(*http.Request, []*http.Request) error {
	return http.ErrUseLastResponse
}

func setting(name, fallback string) string {
	value := strings.TrimSpace(os.Getenv(name))
	if value == "" {
		value = fallback
	}
	if value == "" {
		log.Fatalf("Set %s.", name)
	}
	return value
}

func main() {
	server := http.Server{
		Addr:        "127.0.0.1:" + setting("PORT", "3000"),
		Handler:     http.HandlerFunc(route),
		ReadTimeout: 30 * time.Second,
	}
	log.Fatal(server.ListenAndServe())
}

// route replaces http.ServeMux, which removes slashes and dots from paths. Here they're part of keys.
func route(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	const prefix = "/api/connections/"
	switch {
	case path == "/api/authkit/token":
		handleToken(w, r)
	case path == "/api/connections":
		handleConnections(w, r)
	case strings.HasPrefix(path, prefix):
		handleConnection(w, r, strings.TrimPrefix(path, prefix))
	default:
		respondError(w, http.StatusNotFound, "There is no such endpoint.")
	}
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		log.Print(err)
	}
}

func respondError(w http.ResponseWriter, status int, reason string) {
	respond(w, status, map[string]string{"error": reason})
}

// respondUnavailable answers when the file can't be read or written. This may be temporary: the disk may be full.
func respondUnavailable(w http.ResponseWriter, err error) {
	log.Print("Could not access the stored connections: ", err)
	w.Header().Set("Retry-After", "10")
	respondError(w, http.StatusServiceUnavailable, "Try again later.")
}

var credentialPattern = regexp.MustCompile(`^Bearer ((token|connections)\.(.+)\.([0-9]+))\.([0-9a-f]{64})$`)

// authenticate returns the user named by a valid "purpose.user.expires.signature". Replace it if you use other
// credentials.
func authenticate(purpose string, w http.ResponseWriter, r *http.Request) (string, bool) {
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
	respondError(w, http.StatusUnauthorized, "Sign in first.")
	return "", false
}

// handleToken answers AuthKit's page, which calls from its own origin. The page must be able to read errors too.
func handleToken(w http.ResponseWriter, r *http.Request) {
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
		respondError(w, http.StatusMethodNotAllowed, "Use POST.")
		return
	}
	user, ok := authenticate("token", w, r)
	if !ok {
		return
	}
	// Go notices that the client disconnects only after the body has been read.
	io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, 16<<10))
	created, err := createToken(r.Context(), user)
	if err != nil {
		log.Print("Pica returned no token: ", err)
		if err.retryAfter != "" {
			w.Header().Set("Retry-After", err.retryAfter)
		}
		respondError(w, err.status, "Pica returned no token.")
		return
	}
	respond(w, http.StatusOK, created)
}

// A Token opens AuthKit. Its rows are passed on unchanged.
type Token struct {
	Rows         []json.RawMessage `json:"rows"`
	Page         int               `json:"page"`
	Pages        int               `json:"pages"`
	Total        int               `json:"total"`
	RequestID    json.RawMessage   `json:"requestId"`
	IsWhiteLabel bool              `json:"isWhiteLabel"`
}

func createToken(ctx context.Context, user string) (*Token, *picaError) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var flags struct {
		AuthkitWhitelist bool `json:"authkitWhitelist"`
	}
	if err := callPica(ctx, http.MethodGet, "/v1/users/flags", nil, &flags); err != nil {
		return nil, err
	}
	// Encoding a map of strings can't fail.
	identity, _ := json.Marshal(map[string]string{"identity": user, "identityType": identityType})
	created := Token{Page: 1, Pages: 1, IsWhiteLabel: flags.AuthkitWhitelist}
	for page, pages := 1, 1; page <= pages; page++ {
		var found Token
		path := fmt.Sprintf("/v1/authkit?limit=100&page=%d", page)
		if err := callPica(ctx, http.MethodPost, path, identity, &found); err != nil {
			return nil, err
		}
		if found.Rows == nil || found.Pages > maxPages {
			return nil, errNoList
		}
		pages = found.Pages
		created.Rows = append(created.Rows, found.Rows...)
		created.Total, created.RequestID = found.Total, found.RequestID
	}
	return &created, nil
}

// maxPages is more than any user needs. It's a limit in case Pica's count is wrong.
const maxPages = 100

var errNoList = &picaError{reason: "no list, or too many pages", status: http.StatusBadGateway}

// A VaultRow is a connection at Pica.
type VaultRow struct {
	Key          string `json:"key"`
	Identity     string `json:"identity"`
	IdentityType string `json:"identityType"`
	Platform     string `json:"platform"`
	Environment  string `json:"environment"`
}

// searchVault passes this user's connections at Pica to onPage, as one map by key for each page. It drops
// rows of other owners, and stops when onPage returns true.
func searchVault(ctx context.Context, user string, onPage func(map[string]VaultRow) (bool, error)) (bool, error) {
	query := url.Values{"identity": {user}, "identityType": {identityType}, "limit": {"100"}}
	for page, pages := 1, 1; page <= pages; page++ {
		var found struct {
			Rows  []VaultRow `json:"rows"`
			Pages int        `json:"pages"`
		}
		query.Set("page", strconv.Itoa(page))
		if err := callPica(ctx, http.MethodGet, "/v1/vault/connections?"+query.Encode(), nil, &found); err != nil {
			return false, err
		}
		if found.Rows == nil || found.Pages > maxPages {
			return false, errNoList
		}
		pages = found.Pages
		owned := map[string]VaultRow{}
		for _, row := range found.Rows {
			if row.IdentityType == "" {
				row.IdentityType = "user"
			}
			if row.Identity == user && row.IdentityType == identityType {
				owned[row.Key] = row
			}
		}
		if isDone, err := onPage(owned); isDone || err != nil {
			return true, err
		}
	}
	return false, nil
}

// A picaError has the status to answer with, and Retry-After if trying again can help. Its reason contains neither
// headers nor Pica's response, which could contain the secret key.
type picaError struct {
	reason     string
	status     int
	retryAfter string
}

func (err *picaError) Error() string { return err.reason }

var secondsPattern = regexp.MustCompile(`^[0-9]{1,5}$`)

func callPica(ctx context.Context, method, path string, body []byte, into any) *picaError {
	request, err := http.NewRequestWithContext(ctx, method, picaAPI+path, bytes.NewReader(body))
	if err != nil {
		return &picaError{"PICA_API is not a URL", http.StatusBadGateway, ""}
	}
	request.Header.Set("X-Pica-Secret", picaSecret)
	request.Header.Set("Content-Type", "application/json")
	response, err := pica.Do(request)
	if err == nil {
		defer response.Body.Close()
		switch {
		case response.StatusCode == http.StatusTooManyRequests:
			retryAfter := response.Header.Get("Retry-After")
			if !secondsPattern.MatchString(retryAfter) {
				retryAfter = "60"
			}
			return &picaError{"status 429", http.StatusTooManyRequests, retryAfter}
		case response.StatusCode >= 500:
			return &picaError{response.Status[:3], http.StatusBadGateway, "10"}
		case response.StatusCode/100 != 2:
			return &picaError{response.Status[:3], http.StatusBadGateway, ""}
		}
		if err = json.NewDecoder(response.Body).Decode(into); err == nil {
			return nil
		}
	}
	var network net.Error
	switch {
	case errors.As(err, &network) && network.Timeout():
		return &picaError{"no answer in time", http.StatusGatewayTimeout, "10"}
	case response == nil:
		return &picaError{"no answer", http.StatusBadGateway, "10"}
	}
	return &picaError{"unexpected JSON", http.StatusBadGateway, ""}
}

// A Row belongs to one owner and key. Never use the key of an unconfirmed row: it may be somebody else's. Rows are in a
// file, behind a lock. Use your database here.
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
	// When Pica was first seen to lack it. Nil after it's confirmed or sent again.
	UnlistedSince *time.Time `json:"unlisted_since,omitempty"`
	// The owner, in an earlier version of this file.
	User string `json:"user,omitempty"`
}

func (row Row) belongsTo(user string) bool {
	return row.IdentityType == identityType && row.Identity == user
}

// public returns what the user's page gets to see.
func (row Row) public() Row {
	if !row.Confirmed {
		row.State = "unknown"
	}
	return row
}

const file = "connections.json"

var lock sync.Mutex

func readRows() ([]Row, error) {
	rows := []Row{}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return rows, nil
	}
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal(text, &rows)
	for i, row := range rows {
		if row.User != "" {
			rows[i].IdentityType, rows[i].Identity, rows[i].User = identityType, row.User, ""
		}
	}
	return rows, err
}

func writeRows(rows []Row) error {
	text, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return err
	}
	// Write a new file and rename it, so that the change is atomic even if the process dies.
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// updateRows stores the rows that update returns, for one request at a time.
func updateRows(update func(rows []Row) []Row) error {
	lock.Lock()
	defer lock.Unlock()
	rows, err := readRows()
	if err != nil {
		return err
	}
	return writeRows(update(rows))
}

func rowsOf(user string) ([]Row, error) {
	lock.Lock()
	defer lock.Unlock()
	rows, err := readRows()
	userRows := []Row{}
	for _, row := range rows {
		if row.belongsTo(user) {
			userRows = append(userRows, row)
		}
	}
	return userRows, err
}

func handleConnections(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet:
		if user, ok := authenticate("connections", w, r); ok {
			listConnections(w, r, user)
		}
	case http.MethodPost:
		if mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); mediaType != "application/json" {
			respondError(w, http.StatusUnsupportedMediaType, "Send application/json.")
		} else if user, ok := authenticate("connections", w, r); ok {
			saveConnection(w, r, user)
		}
	default:
		w.Header().Set("Allow", "GET, POST")
		respondError(w, http.StatusMethodNotAllowed, "Use GET or POST.")
	}
}

func listConnections(w http.ResponseWriter, r *http.Request, user string) {
	isDone := func() (bool, error) {
		rows, err := rowsOf(user)
		for _, row := range rows {
			if !row.Confirmed {
				return false, err
			}
		}
		return true, err
	}
	done, err := isDone()
	if err == nil && !done {
		err = lookUp(r.Context(), user, 5*time.Second, []int{0}, isDone)
	}
	var rows []Row
	if err == nil {
		rows, err = rowsOf(user)
	}
	if err != nil {
		respondUnavailable(w, err)
		return
	}
	for i, row := range rows {
		rows[i] = row.public()
	}
	respond(w, http.StatusOK, rows)
}

// activeLookups has the users with a lookup in progress. Each may have only one, so that nobody can keep this process
// busy.
var activeLookups sync.Map

// lookUp reads the vault after each pause, until it's done, Pica fails or the client disconnects. It does nothing if
// this user already has a lookup in progress.
func lookUp(
	ctx context.Context, user string, timeout time.Duration, pausesSeconds []int, isDone func() (bool, error),
) error {
	if _, isRunning := activeLookups.LoadOrStore(user, true); isRunning {
		return nil
	}
	defer activeLookups.Delete(user)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for _, seconds := range pausesSeconds {
		select {
		case <-time.After(time.Duration(seconds) * time.Second):
		case <-ctx.Done():
			return nil
		}
		done, err := compareWithVault(ctx, user, isDone)
		var failed *picaError
		if errors.As(err, &failed) {
			log.Print("Could not confirm connections with Pica: ", err)
			return nil
		}
		if done || err != nil {
			return err
		}
	}
	return nil
}

// compareWithVault confirms rows that the vault has, and deletes rows that it has lacked for ten minutes. It stops
// when isDone returns true.
func compareWithVault(ctx context.Context, user string, isDone func() (bool, error)) (bool, error) {
	done, err := searchVault(ctx, user, func(listed map[string]VaultRow) (bool, error) {
		if err := confirm(user, listed); err != nil {
			return false, err
		}
		return isDone()
	})
	if done || err != nil {
		return done, err
	}
	if err := updateUnconfirmed(user, func(row Row) *Row {
		now := time.Now().UTC()
		switch {
		// With a test key, the vault lists no live connections, and the other way round.
		case row.Environment != environment:
		case row.UnlistedSince == nil:
			row.UnlistedSince = &now
		case now.Sub(*row.UnlistedSince) > 10*time.Minute:
			return nil
		}
		return &row
	}); err != nil {
		return false, err
	}
	return isDone()
}

func confirm(user string, listed map[string]VaultRow) error {
	return updateUnconfirmed(user, func(row Row) *Row {
		inVault, isListed := listed[row.Key]
		if isListed {
			row.Confirmed, row.UnlistedSince = true, nil
		}
		if inVault.Platform != "" && inVault.Environment != "" {
			row.Platform, row.Environment = inVault.Platform, inVault.Environment
		}
		return &row
	})
}

// updateUnconfirmed replaces each of the user's unconfirmed rows with update's result, or deletes it if that is nil.
func updateUnconfirmed(user string, update func(Row) *Row) error {
	return updateRows(func(rows []Row) []Row {
		kept := []Row{}
		for _, row := range rows {
			if !row.belongsTo(user) || row.Confirmed {
				kept = append(kept, row)
			} else if updated := update(row); updated != nil {
				kept = append(kept, *updated)
			}
		}
		return kept
	})
}

// find returns the user's row with this key, or nil.
func find(user, key string) (*Row, error) {
	rows, err := rowsOf(user)
	for _, row := range rows {
		if row.Key == key {
			return &row, err
		}
	}
	return nil, err
}

func saveConnection(w http.ResponseWriter, r *http.Request, user string) {
	input := struct {
		Platform    string `json:"platform"`
		Key         string `json:"connection_key"`
		Environment string `json:"environment"`
		State       string `json:"state"`
		Name        string `json:"name"`
	}{Environment: "live", State: "operational"}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<10))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		respondError(w, http.StatusRequestEntityTooLarge, "Send 16 KiB at most.")
		return
	}
	if err == nil {
		err = json.Unmarshal(body, &input)
	}
	for _, text := range []string{input.Platform, input.Key, input.Environment, input.State} {
		if err != nil || text == "" || len(text) > 500 || len(input.Name) > 500 {
			respondError(w, http.StatusBadRequest, "platform and connection_key must be strings.")
			return
		}
	}
	// Store it before asking Pica, so that it isn't lost if the lookup fails.
	existed, isStored, err := claim(user, Row{
		IdentityType: identityType, Identity: user, Platform: input.Platform, Key: input.Key,
		Environment: input.Environment, State: input.State, Name: input.Name, CreatedAt: time.Now().UTC(),
	})
	if err != nil {
		respondUnavailable(w, err)
		return
	}
	if !isStored {
		w.Header().Set("Retry-After", "600")
		respondError(w, http.StatusTooManyRequests, "Too many unconfirmed connections.")
		return
	}
	// Knowing a key proves nothing, so ask Pica whose it is. The vault may list a new connection late.
	row, err := find(user, input.Key)
	if err == nil && row != nil && !row.Confirmed {
		isDone := func() (bool, error) {
			row, err := find(user, input.Key)
			return row == nil || row.Confirmed, err
		}
		if err = lookUp(r.Context(), user, 15*time.Second, []int{0, 1, 3, 6}, isDone); err == nil {
			row, err = find(user, input.Key)
		}
	}
	switch {
	case err != nil:
		respondUnavailable(w, err)
	case row == nil:
		respondError(w, http.StatusNotFound, "It was deleted meanwhile.")
	case !row.Confirmed:
		respond(w, http.StatusAccepted, row.public())
	case existed:
		respond(w, http.StatusOK, row)
	default:
		respond(w, http.StatusCreated, row)
	}
}

// claim stores a row. A new one is unconfirmed. A confirmed one only gets the new state and name.
func claim(user string, row Row) (existed, isStored bool, err error) {
	err = updateRows(func(rows []Row) []Row {
		unconfirmed := 0
		for i, existing := range rows {
			if existing.belongsTo(user) && existing.Key == row.Key {
				row.CreatedAt = existing.CreatedAt
				if existing.Confirmed {
					row.Confirmed, row.Platform, row.Environment = true, existing.Platform, existing.Environment
				}
				existed, isStored = true, true
				rows[i] = row
				return rows
			}
			if existing.belongsTo(user) && !existing.Confirmed {
				unconfirmed++
			}
		}
		if unconfirmed >= 20 {
			return rows
		}
		isStored = true
		return append(rows, row)
	})
	return existed, isStored, err
}

func handleConnection(w http.ResponseWriter, r *http.Request, escaped string) {
	user, ok := authenticate("connections", w, r)
	if !ok {
		return
	}
	key, err := url.PathUnescape(escaped)
	if r.Method != http.MethodDelete || err != nil {
		w.Header().Set("Allow", "DELETE")
		respondError(w, http.StatusMethodNotAllowed, "Use DELETE.")
		return
	}
	isDeleted := false
	err = updateRows(func(rows []Row) []Row {
		for i, row := range rows {
			if row.belongsTo(user) && row.Key == key {
				isDeleted = true
				return append(rows[:i], rows[i+1:]...)
			}
		}
		return rows
	})
	if err != nil {
		respondUnavailable(w, err)
		return
	}
	if !isDeleted {
		// Answer the same for another user's key, so that nobody learns that it exists.
		respondError(w, http.StatusNotFound, "There is no such connection.")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
