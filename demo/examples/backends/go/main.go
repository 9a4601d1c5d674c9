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
	pica             = &http.Client{Timeout: 10 * time.Second, CheckRedirect: followNone}
)

// Who owns connections. Your server decides this, never the request. Could also be "team", "organization", "project".
const identityType = "user"

// environment is the one that this secret key can see.
var environment = map[bool]string{true: "test", false: "live"}[strings.HasPrefix(picaSecret, "sk_test")]

// followNone returns redirects unfollowed: they would send the secret key to whatever server they name.
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
	server := http.Server{
		Addr:        "127.0.0.1:" + setting("PORT", "3000"),
		Handler:     http.HandlerFunc(route),
		ReadTimeout: 30 * time.Second,
	}
	log.Fatal(server.ListenAndServe())
}

// route replaces http.ServeMux, which removes slashes and dots from paths. Here they belong to keys.
func route(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	const one = "/api/connections/"
	switch {
	case path == "/api/authkit/token":
		token(w, r)
	case path == "/api/connections":
		connections(w, r)
	case strings.HasPrefix(path, one):
		connection(w, r, strings.TrimPrefix(path, one))
	default:
		refuse(w, http.StatusNotFound, "There is no such endpoint.")
	}
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

// fail answers when the file can't be read or written. This may be temporary, such as a full disk.
func fail(w http.ResponseWriter, err error) {
	log.Print("The connections cannot be reached: ", err)
	w.Header().Set("Retry-After", "10")
	refuse(w, http.StatusServiceUnavailable, "Try again later.")
}

var credentialPattern = regexp.MustCompile(`^Bearer ((token|connections)\.(.+)\.([0-9]+))\.([0-9a-f]{64})$`)

// userFor returns the user named by a valid "purpose.user.expires.signature". Replace it if you have other credentials.
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

// token answers AuthKit's page, which calls from its own origin and must be able to read refusals too.
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
	// Go notices that the client leaves only once the body has been read.
	io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, 16<<10))
	created, err := createToken(r.Context(), user)
	if err != nil {
		log.Print("Pica gave no token: ", err)
		if err.retryAfter != "" {
			w.Header().Set("Retry-After", err.retryAfter)
		}
		refuse(w, err.status, "Pica gave no token.")
		return
	}
	answer(w, http.StatusOK, created)
}

// A Token is what opens AuthKit. Its rows are passed on unchanged.
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
	if err := askPica(ctx, http.MethodGet, "/v1/users/flags", nil, &flags); err != nil {
		return nil, err
	}
	// Encoding a map of strings as JSON can't fail.
	identity, _ := json.Marshal(map[string]string{"identity": user, "identityType": identityType})
	created := Token{Page: 1, Pages: 1, IsWhiteLabel: flags.AuthkitWhitelist}
	for page, pages := 1, 1; page <= pages; page++ {
		var found Token
		path := fmt.Sprintf("/v1/authkit?limit=100&page=%d", page)
		if err := askPica(ctx, http.MethodPost, path, identity, &found); err != nil {
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

// maxPages is more than any user has, in case Pica's count is nonsense.
const maxPages = 100

var errNoList = &picaError{reason: "no list, or one without an end", status: http.StatusBadGateway}

// A VaultRow is a connection at Pica.
type VaultRow struct {
	Key          string `json:"key"`
	Identity     string `json:"identity"`
	IdentityType string `json:"identityType"`
	Platform     string `json:"platform"`
	Environment  string `json:"environment"`
}

// searchVault passes on this user's connections at Pica by key, page by page, until isEnough says so. It
// drops any other rows in the answers.
func searchVault(ctx context.Context, user string, isEnough func(map[string]VaultRow) (bool, error)) (bool, error) {
	query := url.Values{"identity": {user}, "identityType": {identityType}, "limit": {"100"}}
	for page, pages := 1, 1; page <= pages; page++ {
		var found struct {
			Rows  []VaultRow `json:"rows"`
			Pages int        `json:"pages"`
		}
		query.Set("page", strconv.Itoa(page))
		if err := askPica(ctx, http.MethodGet, "/v1/vault/connections?"+query.Encode(), nil, &found); err != nil {
			return false, err
		}
		if found.Rows == nil || found.Pages > maxPages {
			return false, errNoList
		}
		pages = found.Pages
		mine := map[string]VaultRow{}
		for _, row := range found.Rows {
			if row.IdentityType == "" {
				row.IdentityType = "user"
			}
			if row.Identity == user && row.IdentityType == identityType {
				mine[row.Key] = row
			}
		}
		if enough, err := isEnough(mine); enough || err != nil {
			return true, err
		}
	}
	return false, nil
}

// A picaError says why Pica failed, what to answer, and when to ask again if that can help. It contains neither headers
// nor Pica's answer, which could contain the secret key.
type picaError struct {
	reason     string
	status     int
	retryAfter string
}

func (err *picaError) Error() string { return err.reason }

var secondsPattern = regexp.MustCompile(`^[0-9]{1,5}$`)

func askPica(ctx context.Context, method, path string, body []byte, into any) *picaError {
	request, err := http.NewRequestWithContext(ctx, method, picaAPI+path, bytes.NewReader(body))
	if err != nil {
		return &picaError{"PICA_API is not an address", http.StatusBadGateway, ""}
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
	return &picaError{"an answer that is not the JSON it should be", http.StatusBadGateway, ""}
}

// A Row of the table, one for each owner and key. Never use an unconfirmed one's key: the user has only claimed it.
// Rows are in a file, behind a lock. Use your database here.
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
	// Since when Pica lacks it; nil if it is confirmed or was sent again.
	UnlistedSince *time.Time `json:"unlisted_since,omitempty"`
	// The owner, in an earlier version of this file.
	User string `json:"user,omitempty"`
}

func (row Row) isOf(user string) bool {
	return row.IdentityType == identityType && row.Identity == user
}

// shown is what the user's page sees.
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
	// All of it or nothing, even if the process dies.
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// change lets one request at a time change the rows. It stores what do returns.
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
			mine = append(mine, row)
		}
	}
	return mine, err
}

func connections(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet:
		if user, ok := userFor("connections", w, r); ok {
			list(w, r, user)
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

func list(w http.ResponseWriter, r *http.Request, user string) {
	isOver := func() (bool, error) {
		rows, err := rowsOf(user)
		for _, row := range rows {
			if !row.Confirmed {
				return false, err
			}
		}
		return true, err
	}
	over, err := isOver()
	if err == nil && !over {
		err = lookUp(r.Context(), user, 5*time.Second, []int{0}, isOver)
	}
	var rows []Row
	if err == nil {
		rows, err = rowsOf(user)
	}
	if err != nil {
		fail(w, err)
		return
	}
	for at, row := range rows {
		rows[at] = row.shown()
	}
	answer(w, http.StatusOK, rows)
}

// lookUps has the users with a running look-up: one at a time each, so that nobody can keep this process busy.
var lookUps sync.Map

// lookUp looks into the vault after each pause, until it is over, Pica fails or the client leaves. It does nothing if a
// look-up is running for this user.
func lookUp(ctx context.Context, user string, limit time.Duration, pauses []int, isOver func() (bool, error)) error {
	if _, isRunning := lookUps.LoadOrStore(user, true); isRunning {
		return nil
	}
	defer lookUps.Delete(user)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for _, pause := range pauses {
		select {
		case <-time.After(time.Duration(pause) * time.Second):
		case <-ctx.Done():
			return nil
		}
		over, err := compareWithVault(ctx, user, isOver)
		var failed *picaError
		if errors.As(err, &failed) {
			log.Print("Pica did not say whose connections these are: ", err)
			return nil
		}
		if over || err != nil {
			return err
		}
	}
	return nil
}

// compareWithVault confirms rows that the vault has, reading no more pages than needed, and drops those missing from it
// for ten minutes.
func compareWithVault(ctx context.Context, user string, isOver func() (bool, error)) (bool, error) {
	over, err := searchVault(ctx, user, func(listed map[string]VaultRow) (bool, error) {
		if err := confirm(user, listed); err != nil {
			return false, err
		}
		return isOver()
	})
	if over || err != nil {
		return over, err
	}
	if err := changeOpen(user, func(row Row) *Row {
		now := time.Now().UTC()
		switch {
		// With a test key, the vault lists no live connections, and vice versa.
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
	return isOver()
}

func confirm(user string, listed map[string]VaultRow) error {
	return changeOpen(user, func(row Row) *Row {
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

// changeOpen replaces each of the user's unconfirmed rows, or drops it for nil.
func changeOpen(user string, replaced func(Row) *Row) error {
	return change(func(rows []Row) []Row {
		kept := []Row{}
		for _, row := range rows {
			if !row.isOf(user) || row.Confirmed {
				kept = append(kept, row)
			} else if changed := replaced(row); changed != nil {
				kept = append(kept, *changed)
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

func add(w http.ResponseWriter, r *http.Request, user string) {
	given := struct {
		Platform    string `json:"platform"`
		Key         string `json:"connection_key"`
		Environment string `json:"environment"`
		State       string `json:"state"`
		Name        string `json:"name"`
	}{Environment: "live", State: "operational"}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<10))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		refuse(w, http.StatusRequestEntityTooLarge, "Send 16 KiB at most.")
		return
	}
	if err == nil {
		err = json.Unmarshal(body, &given)
	}
	for _, text := range []string{given.Platform, given.Key, given.Environment, given.State} {
		if err != nil || text == "" || len(text) > 500 || len(given.Name) > 500 {
			refuse(w, http.StatusBadRequest, "platform and connection_key must be texts.")
			return
		}
	}
	// Stored before asking Pica, so that nothing is lost.
	isKnown, isStored, err := claim(user, Row{
		IdentityType: identityType, Identity: user, Platform: given.Platform, Key: given.Key,
		Environment: given.Environment, State: given.State, Name: given.Name, CreatedAt: time.Now().UTC(),
	})
	if err != nil {
		fail(w, err)
		return
	}
	if !isStored {
		w.Header().Set("Retry-After", "600")
		refuse(w, http.StatusTooManyRequests, "Too many are not confirmed yet.")
		return
	}
	// Knowing a key proves nothing: Pica says whose it is. Its vault may lag behind.
	row, err := find(user, given.Key)
	if err == nil && row != nil && !row.Confirmed {
		isOver := func() (bool, error) {
			row, err := find(user, given.Key)
			return row == nil || row.Confirmed, err
		}
		if err = lookUp(r.Context(), user, 15*time.Second, []int{0, 1, 3, 6}, isOver); err == nil {
			row, err = find(user, given.Key)
		}
	}
	switch {
	case err != nil:
		fail(w, err)
	case row == nil:
		refuse(w, http.StatusNotFound, "It was deleted meanwhile.")
	case !row.Confirmed:
		answer(w, http.StatusAccepted, row.shown())
	case isKnown:
		answer(w, http.StatusOK, row)
	default:
		answer(w, http.StatusCreated, row)
	}
}

// claim stores a row, unconfirmed unless it was confirmed before. A confirmed row only gets the new state and name.
func claim(user string, row Row) (isKnown, isStored bool, err error) {
	err = change(func(rows []Row) []Row {
		unconfirmed := 0
		for at, before := range rows {
			if before.isOf(user) && before.Key == row.Key {
				row.CreatedAt = before.CreatedAt
				if before.Confirmed {
					row.Confirmed, row.Platform, row.Environment = true, before.Platform, before.Environment
				}
				isKnown, isStored = true, true
				rows[at] = row
				return rows
			}
			if before.isOf(user) && !before.Confirmed {
				unconfirmed++
			}
		}
		if unconfirmed >= 20 {
			return rows
		}
		isStored = true
		return append(rows, row)
	})
	return isKnown, isStored, err
}

func connection(w http.ResponseWriter, r *http.Request, escaped string) {
	user, ok := userFor("connections", w, r)
	if !ok {
		return
	}
	key, err := url.PathUnescape(escaped)
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
		// The same answer for another user's key, so that nobody learns that it exists.
		refuse(w, http.StatusNotFound, "There is no such connection.")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
