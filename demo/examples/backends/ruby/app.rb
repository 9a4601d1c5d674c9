require 'json'
require 'net/http'
require 'openssl'
require 'pstore'
require 'set'
require 'sinatra/base'
require 'time'
require 'timeout'

# Has the status to answer with, and Retry-After if trying again can help.
class PicaError < StandardError
  attr_reader :status, :retry_after

  def initialize(reason, status: 502, retry_after: nil)
    super(reason)
    @status = status
    @retry_after = retry_after
  end
end

# The store can't be read or written. This may be temporary: another process locks it, or the disk is full.
class StoreError < StandardError; end

class Backend < Sinatra::Base
  PICA_SECRET_KEY = ENV.fetch('PICA_SECRET_KEY').strip
  CREDENTIAL_SECRET = ENV.fetch('CREDENTIAL_SECRET')
  PICA_API = ENV.fetch('PICA_API', 'https://api.picaos.com')
  AUTHKIT_ORIGIN = ENV.fetch('AUTHKIT_ORIGIN', 'https://authkit.picaos.com')

  # The type of owner. Never take it from a request. It could also be 'team', 'organization' or 'project'.
  IDENTITY_TYPE = 'user'.freeze

  # The environment that this secret key can see.
  ENVIRONMENT = PICA_SECRET_KEY.start_with?('sk_test') ? 'test' : 'live'

  # Users with a lookup in progress. Each may have only one, so that nobody can keep more threads busy.
  LOOK_UPS = Set.new
  LOCK = Mutex.new

  # Rows by owner and key, in a file. Use your database here. Never use the key of an unconfirmed row: it may be
  # somebody else's.
  STORE = PStore.new('connections.pstore', true)
  STORE.ultra_safe = true # Atomic, even if the process dies.

  # Runs the block in a transaction, one process and thread at a time. PStore itself would wait for others forever.
  def self.transaction(read_only = false, &block)
    File.open('connections.lock', File::RDONLY | File::CREAT) do |lock|
      Timeout.timeout(5) { lock.flock(read_only ? File::LOCK_SH : File::LOCK_EX) }
      STORE.transaction(read_only, &block)
    end
  rescue SystemCallError, IOError, Timeout::Error, PStore::Error, TypeError, ArgumentError => e
    raise StoreError, e.message
  end

  # Migrate rows of an earlier version, which were stored by key only and never compared with the vault.
  transaction do
    STORE.roots.grep(String).each do |key|
      row = STORE.delete(key)
      owner = { 'identity_type' => IDENTITY_TYPE, 'identity' => row.delete('user') }
      STORE[[*owner.values, key]] = { **row, **owner, 'confirmed' => false }
    end
  end

  # By default, Sinatra rejects a POST from another origin, such as AuthKit's. That's safe to allow, because nothing
  # here uses a cookie. Sinatra also removes slashes and dots from paths, but here they're part of keys.
  set :protection, except: %i[http_origin json_csrf remote_token path_traversal]
  set :show_exceptions, false

  helpers do
    def respond(status, body = nil)
      halt status, { 'Content-Type' => 'application/json' }, body ? JSON.generate(body) : ''
    end

    # Blocks forms from other sites: browsers send them without a preflight, but not JSON.
    def require_json
      respond 415, { error: 'Send application/json.' } unless request.media_type == 'application/json'
    end

    # Returns the user named by a valid "purpose.user.expires.signature". Replace this if you use other credentials.
    def authenticate(purpose)
      pattern = /\ABearer ((#{purpose})\.(.+)\.([0-9]+))\.([0-9a-f]{64})\z/
      signed, _, user, expires, signature = request.env['HTTP_AUTHORIZATION'].to_s.match(pattern)&.captures
      expected = OpenSSL::HMAC.hexdigest('SHA256', CREDENTIAL_SECRET, signed.to_s)
      is_valid = signature && OpenSSL.fixed_length_secure_compare(signature, expected)
      respond 401, { error: 'Sign in first.' } unless is_valid && expires.to_i >= Time.now.to_i
      user
    end

    # Net::HTTP follows no redirects. One would send the secret key to another server.
    def call_pica(request, deadline, body = nil)
      request['X-Pica-Secret'] = PICA_SECRET_KEY
      request['Content-Type'] = 'application/json'
      request.body = JSON.generate(body) if body
      uri = request.uri
      options = { use_ssl: uri.scheme == 'https', max_retries: 0 }
      # Net::HTTP's own timeouts each cover only part of a request.
      response = Timeout.timeout([deadline - now, 0.1].max) do
        Net::HTTP.start(uri.host, uri.port, **options) { |http| http.request(request) }
      end
      raise_error_for(response) unless response.is_a?(Net::HTTPSuccess)

      found = JSON.parse(response.body)
      raise PicaError, 'no JSON object' unless found.is_a?(Hash)

      found
    rescue PicaError
      raise
    rescue StandardError => e
      # Leave out the message: some repeat headers or Pica's response, which may contain the secret key.
      raise PicaError.new(e.class.name, status: 504, retry_after: '10'), cause: nil if e.is_a?(Timeout::Error)
      raise PicaError.new(e.class.name, retry_after: '10'), cause: nil if e.is_a?(IOError) || e.is_a?(SystemCallError)

      raise PicaError, e.class.name, cause: nil
    end

    def raise_error_for(response)
      seconds = response['Retry-After'].to_s
      reason = "status #{response.code}"
      case response.code.to_i
      when 429
        seconds = '60' unless seconds.match?(/\A[0-9]{1,5}\z/)
        raise PicaError.new(reason, status: 429, retry_after: seconds)
      when 500.. then raise PicaError.new(reason, retry_after: '10')
      else raise PicaError, reason
      end
    end

    # Yields one of Pica's lists, page by page. Accepts at most a hundred pages, in case Pica's count is wrong.
    def each_page(path, deadline, owner: nil)
      page = pages = 1
      while page <= pages
        uri = URI("#{PICA_API}#{path}limit=100&page=#{page}")
        found = call_pica((owner ? Net::HTTP::Post : Net::HTTP::Get).new(uri), deadline, owner)
        pages = found['pages']
        unless found['rows'].is_a?(Array) && pages.is_a?(Integer) && pages <= 100
          raise PicaError, 'no list, or too many pages'
        end

        yield found
        page += 1
      end
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end

    def create_token(user)
      deadline = now + 10
      flags = call_pica(Net::HTTP::Get.new(URI("#{PICA_API}/v1/users/flags")), deadline)
      rows = []
      last = nil
      each_page('/v1/authkit?', deadline, owner: { identity: user, identityType: IDENTITY_TYPE }) do |found|
        rows += found['rows']
        last = found
      end
      {
        rows: rows, page: 1, pages: 1, total: last['total'], requestId: last['requestId'],
        isWhiteLabel: flags['authkitWhitelist'] || false
      }
    end

    # Yields this user's connections at Pica, one hash by key for each page. Drops all other rows.
    def each_vault_page(user, deadline)
      query = URI.encode_www_form(identity: user, identityType: IDENTITY_TYPE)
      each_page("/v1/vault/connections?#{query}&", deadline) do |found|
        owned = found['rows'].grep(Hash).select do |row|
          row['identity'] == user && (row['identityType'] || 'user') == IDENTITY_TYPE
        end
        yield owned.to_h { |row| [row['key'], row] }
      end
    end

    def rows_of(user)
      rows = Backend.transaction(true) { STORE.roots.map { |id| STORE[id] } }
      rows.select { |row| row['identity_type'] == IDENTITY_TYPE && row['identity'] == user }
    end

    # Replaces each of the user's unconfirmed rows with the block's result, or deletes it if that is nil.
    def update_unconfirmed(user)
      Backend.transaction do
        STORE.roots.each do |id|
          row = STORE[id]
          next if id[0, 2] != [IDENTITY_TYPE, user] || row['confirmed']

          changed = yield(id[2], row)
          changed ? STORE[id] = changed : STORE.delete(id)
        end
      end
    end

    def confirm(user, listed)
      update_unconfirmed(user) do |key, row|
        next row unless listed.key?(key)

        facts = listed[key].slice('platform', 'environment').select { |_, value| value.is_a?(String) }
        { **row, **facts, 'confirmed' => true, 'unlisted_since' => nil }.compact
      end
    end

    # Confirms rows that the vault has. Deletes rows that it has lacked for ten minutes. Stops when the block returns
    # true.
    def compare_with_vault(user, deadline)
      each_vault_page(user, deadline) do |listed|
        confirm(user, listed)
        return if yield
      end
      update_unconfirmed(user) do |_, row|
        # With a test key, the vault lists no live connections, and the other way round.
        next row unless row['environment'] == ENVIRONMENT

        since = row['unlisted_since'] || Time.now.utc.iso8601
        { **row, 'unlisted_since' => since } unless Time.parse(since) < Time.now - 600
      end
    end

    # Reads the vault after each pause, until the block returns true or Pica fails.
    def look_up(user, timeout_seconds, pauses_seconds, &is_done)
      return unless LOCK.synchronize { LOOK_UPS.add?(user) }

      deadline = now + timeout_seconds
      begin
        pauses_seconds.each do |seconds|
          sleep seconds
          compare_with_vault(user, deadline, &is_done)
          break if is_done.call
        end
      rescue PicaError => e
        warn "Could not confirm connections with Pica: #{e.message}"
      ensure
        LOCK.synchronize { LOOK_UPS.delete(user) }
      end
    end

    # Stores the row. A new one is unconfirmed. Returns whether it existed.
    def claim(id, row)
      Backend.transaction do
        existing = STORE[id]
        unconfirmed = STORE.roots.count { |other| other[0, 2] == id[0, 2] && !STORE[other]['confirmed'] }
        if existing.nil? && unconfirmed >= 20
          headers 'Retry-After' => '600'
          respond 429, { error: 'Too many unconfirmed connections.' }
        end
        defaults = existing || { 'confirmed' => false, 'created_at' => Time.now.utc.iso8601 }
        kept = defaults['confirmed'] ? %w[confirmed created_at platform environment] : %w[confirmed created_at]
        STORE[id] = { **row, 'identity_type' => id[0], 'identity' => id[1], **defaults.slice(*kept) }
        !existing.nil?
      end
    end

    def to_public(row)
      row['confirmed'] ? row : { **row, 'state' => 'unknown' }
    end
  end

  error StoreError do |e|
    warn "Could not access the stored connections: #{e.message}"
    headers 'Retry-After' => '10'
    respond 503, { error: 'Try again later.' }
  end

  # Without these two, Sinatra responds with a web page.
  error(Sinatra::NotFound) { respond 404, { error: 'There is no such endpoint.' } }
  error { respond 500, { error: 'Something went wrong.' } }

  # Sinatra parses forms before it looks for the route, and fails on a broken one.
  error Sinatra::BadRequest do
    require_json
    respond 400, { error: 'Bad request.' }
  end

  # AuthKit's page calls this from its own origin. It must be able to read errors too.
  before '/api/authkit/token' do
    headers 'Access-Control-Allow-Origin' => AUTHKIT_ORIGIN,
            'Access-Control-Allow-Methods' => 'POST, OPTIONS',
            'Access-Control-Allow-Headers' => 'authorization, content-type',
            'Access-Control-Max-Age' => '600'
  end

  options('/api/authkit/token') { halt 204 }

  post '/api/authkit/token' do
    begin
      found = create_token(authenticate('token'))
    rescue PicaError => e
      warn "Pica returned no token: #{e.message}"
      headers({ 'Retry-After' => e.retry_after }.compact)
      respond e.status, { error: 'Pica returned no token.' }
    end
    respond 200, found
  end

  get '/api/authkit/token' do
    headers 'Allow' => 'POST, OPTIONS'
    respond 405, { error: 'Use POST.' }
  end

  get '/api/connections' do
    user = authenticate('connections')
    is_done = -> { rows_of(user).all? { |row| row['confirmed'] } }
    look_up(user, 5, [0], &is_done) unless is_done.call
    respond 200, rows_of(user).map { |row| to_public(row) }
  end

  post '/api/connections' do
    require_json
    user = authenticate('connections')
    body = request.body.read(16 * 1024 + 1).to_s
    respond 413, { error: 'Send 16 KiB at most.' } if body.bytesize > 16 * 1024
    input = JSON.parse(body) rescue nil
    respond 400, { error: 'The body must be a JSON object.' } unless input.is_a?(Hash)
    row = { 'environment' => 'live', 'state' => 'operational', **input }
          .slice('connection_key', 'platform', 'environment', 'state', 'name').compact
    is_text = ->(value) { value.is_a?(String) && value.valid_encoding? && value.length.between?(1, 500) }
    unless row.key?('connection_key') && row.key?('platform') && row.values.all?(&is_text)
      respond 400, { error: 'platform and connection_key must be strings.' }
    end
    id = [IDENTITY_TYPE, user, row['connection_key']]
    # Store it before asking Pica, so that it isn't lost if the lookup fails.
    existed = claim(id, row)
    find = -> { Backend.transaction(true) { STORE[id] } }
    is_done = -> { find.call.nil? || find.call['confirmed'] }
    # Knowing a key proves nothing, so ask Pica whose it is. The vault may list a new connection late.
    look_up(user, 15, [0, 1, 3, 6], &is_done) unless is_done.call
    row = find.call
    respond 404, { error: 'It was deleted meanwhile.' } unless row
    status = existed ? 200 : 201
    respond row['confirmed'] ? status : 202, to_public(row)
  end

  delete '/api/connections/*' do |key|
    user = authenticate('connections')
    deleted = Backend.transaction { STORE.delete([IDENTITY_TYPE, user, key]) }
    # Answer the same for another user's key, so that nobody learns that it exists.
    respond 404, { error: 'There is no such connection.' } unless deleted
    halt 204
  end

  run! port: ENV.fetch('PORT', 3000).to_i, bind: '127.0.0.1', server: 'webrick' if app_file == $PROGRAM_NAME
end
