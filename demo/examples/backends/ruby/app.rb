require 'json'
require 'net/http'
require 'openssl'
require 'pstore'
require 'set'
require 'sinatra/base'
require 'time'
require 'timeout'

# Pica failed: what to answer, and when to ask again if that can help.
class PicaError < StandardError
  attr_reader :status, :retry_after

  def initialize(reason, status: 502, retry_after: nil)
    super(reason)
    @status = status
    @retry_after = retry_after
  end
end

# The store can't be read or changed. This may be temporary: another process locks it, or the disk is full.
class StoreError < StandardError; end

class Backend < Sinatra::Base
  PICA_SECRET_KEY = ENV.fetch('PICA_SECRET_KEY').strip
  CREDENTIAL_SECRET = ENV.fetch('CREDENTIAL_SECRET')
  PICA_API = ENV.fetch('PICA_API', 'https://api.picaos.com')
  AUTHKIT_ORIGIN = ENV.fetch('AUTHKIT_ORIGIN', 'https://authkit.picaos.com')

  # Who owns connections. Your server decides this, never the request. Could also be 'team', 'organization', 'project'.
  IDENTITY_TYPE = 'user'.freeze

  # The environment that this secret key can see.
  ENVIRONMENT = PICA_SECRET_KEY.start_with?('sk_test') ? 'test' : 'live'

  # Users with a running look-up: one at a time each, so that nobody can keep more threads busy.
  LOOK_UPS = Set.new
  LOCK = Mutex.new

  # Rows by owner and key, in a file. Use your database here. Never use an unconfirmed row's key: the user has only
  # claimed it.
  STORE = PStore.new('connections.pstore', true)
  STORE.ultra_safe = true # All of it or nothing, even if the process dies.

  # Reads or changes the rows, in one process and thread at a time. PStore alone would wait for others forever.
  def self.stored(read_only = false, &block)
    File.open('connections.lock', File::RDONLY | File::CREAT) do |lock|
      Timeout.timeout(5) { lock.flock(read_only ? File::LOCK_SH : File::LOCK_EX) }
      STORE.transaction(read_only, &block)
    end
  rescue SystemCallError, IOError, Timeout::Error, PStore::Error, TypeError, ArgumentError => e
    raise StoreError, e.message
  end

  # Rows of an earlier version were stored by key only, and never compared with the vault.
  stored do
    STORE.roots.grep(String).each do |key|
      row = STORE.delete(key)
      owner = { 'identity_type' => IDENTITY_TYPE, 'identity' => row.delete('user') }
      STORE[[*owner.values, key]] = { **row, **owner, 'confirmed' => false }
    end
  end

  # Sinatra refuses a POST from another origin, such as AuthKit's. Nothing here uses a cookie, so that is safe to allow.
  # It also removes slashes and dots from paths, but here they belong to keys.
  set :protection, except: %i[http_origin json_csrf remote_token path_traversal]
  set :show_exceptions, false

  helpers do
    def answer(status, body = nil)
      halt status, { 'Content-Type' => 'application/json' }, body ? JSON.generate(body) : ''
    end

    # Any website may send a form, so only JSON is accepted.
    def json_only
      answer 415, { error: 'Send application/json.' } unless request.media_type == 'application/json'
    end

    # The user named by a valid "purpose.user.expires.signature". Replace this if you have other credentials.
    def user_for(purpose)
      pattern = /\ABearer ((#{purpose})\.(.+)\.([0-9]+))\.([0-9a-f]{64})\z/
      signed, _, user, expires, signature = request.env['HTTP_AUTHORIZATION'].to_s.match(pattern)&.captures
      expected = OpenSSL::HMAC.hexdigest('SHA256', CREDENTIAL_SECRET, signed.to_s)
      is_valid = signature && OpenSSL.fixed_length_secure_compare(signature, expected)
      answer 401, { error: 'Sign in first.' } unless is_valid && expires.to_i >= Time.now.to_i
      user
    end

    # Net::HTTP follows no redirects, which would send the secret key to whatever server they name.
    def ask_pica(request, deadline, body = nil)
      request['X-Pica-Secret'] = PICA_SECRET_KEY
      request['Content-Type'] = 'application/json'
      request.body = JSON.generate(body) if body
      uri = request.uri
      options = { use_ssl: uri.scheme == 'https', max_retries: 0 }
      # Each of its own limits covers only part of a request.
      response = Timeout.timeout([deadline - now, 0.1].max) do
        Net::HTTP.start(uri.host, uri.port, **options) { |http| http.request(request) }
      end
      refuse(response) unless response.is_a?(Net::HTTPSuccess)

      found = JSON.parse(response.body)
      raise PicaError, 'no JSON object' unless found.is_a?(Hash)

      found
    rescue PicaError
      raise
    rescue StandardError => e
      # Not the message: some repeat headers or Pica's answer, which may contain the secret key.
      raise PicaError.new(e.class.name, status: 504, retry_after: '10'), cause: nil if e.is_a?(Timeout::Error)
      raise PicaError.new(e.class.name, retry_after: '10'), cause: nil if e.is_a?(IOError) || e.is_a?(SystemCallError)

      raise PicaError, e.class.name, cause: nil
    end

    def refuse(response)
      given = response['Retry-After'].to_s
      reason = "status #{response.code}"
      case response.code.to_i
      when 429 then raise PicaError.new(reason, status: 429, retry_after: given.match?(/\A[0-9]{1,5}\z/) ? given : '60')
      when 500.. then raise PicaError.new(reason, retry_after: '10')
      else raise PicaError, reason
      end
    end

    # Yields one of Pica's lists, page by page. Refuses more than a hundred, in case the count is nonsense.
    def each_page(path, deadline, owner: nil)
      page = pages = 1
      while page <= pages
        uri = URI("#{PICA_API}#{path}limit=100&page=#{page}")
        found = ask_pica((owner ? Net::HTTP::Post : Net::HTTP::Get).new(uri), deadline, owner)
        pages = found['pages']
        unless found['rows'].is_a?(Array) && pages.is_a?(Integer) && pages <= 100
          raise PicaError, 'no list, or one without an end'
        end

        yield found
        page += 1
      end
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end

    def token(user)
      deadline = now + 10
      flags = ask_pica(Net::HTTP::Get.new(URI("#{PICA_API}/v1/users/flags")), deadline)
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

    # Yields this user's connections at Pica by key, page by page. Drops any other rows in the answers.
    def each_vault_page(user, deadline)
      query = URI.encode_www_form(identity: user, identityType: IDENTITY_TYPE)
      each_page("/v1/vault/connections?#{query}&", deadline) do |found|
        mine = found['rows'].grep(Hash).select do |row|
          row['identity'] == user && (row['identityType'] || 'user') == IDENTITY_TYPE
        end
        yield mine.to_h { |row| [row['key'], row] }
      end
    end

    def rows_of(user)
      rows = Backend.stored(true) { STORE.roots.map { |id| STORE[id] } }
      rows.select { |row| row['identity_type'] == IDENTITY_TYPE && row['identity'] == user }
    end

    # Replaces each of the user's unconfirmed rows with the block's result, or drops it for nil.
    def change_open(user)
      Backend.stored do
        STORE.roots.each do |id|
          row = STORE[id]
          next if id[0, 2] != [IDENTITY_TYPE, user] || row['confirmed']

          changed = yield(id[2], row)
          changed ? STORE[id] = changed : STORE.delete(id)
        end
      end
    end

    def confirm(user, listed)
      change_open(user) do |key, row|
        next row unless listed.key?(key)

        facts = listed[key].slice('platform', 'environment').select { |_, value| value.is_a?(String) }
        { **row, **facts, 'confirmed' => true, 'unlisted_since' => nil }.compact
      end
    end

    # Confirms rows that the vault has, reading no more pages than needed; drops those missing from it for ten minutes.
    def compare_with_vault(user, deadline)
      each_vault_page(user, deadline) do |listed|
        confirm(user, listed)
        return if yield
      end
      change_open(user) do |_, row|
        # With a test key, the vault lists no live connections, and vice versa.
        next row unless row['environment'] == ENVIRONMENT

        since = row['unlisted_since'] || Time.now.utc.iso8601
        { **row, 'unlisted_since' => since } unless Time.parse(since) < Time.now - 600
      end
    end

    # Looks into the vault after each pause, until the block returns true or Pica fails. Skips it if a look-up is
    # running for this user.
    def look_up(user, seconds, pauses, &is_over)
      return unless LOCK.synchronize { LOOK_UPS.add?(user) }

      deadline = now + seconds
      begin
        pauses.each do |pause|
          sleep pause
          compare_with_vault(user, deadline, &is_over)
          break if is_over.call
        end
      rescue PicaError => e
        warn "Pica did not say whose connections these are: #{e.message}"
      ensure
        LOCK.synchronize { LOOK_UPS.delete(user) }
      end
    end

    # Stores the row, unconfirmed unless it was confirmed before. Returns whether it was there.
    def claim(id, row)
      Backend.stored do
        known = STORE[id]
        unconfirmed = STORE.roots.count { |other| other[0, 2] == id[0, 2] && !STORE[other]['confirmed'] }
        if known.nil? && unconfirmed >= 20
          headers 'Retry-After' => '600'
          answer 429, { error: 'Too many are not confirmed yet.' }
        end
        before = known || { 'confirmed' => false, 'created_at' => Time.now.utc.iso8601 }
        names = before['confirmed'] ? %w[confirmed created_at platform environment] : %w[confirmed created_at]
        STORE[id] = { **row, 'identity_type' => id[0], 'identity' => id[1], **before.slice(*names) }
        !known.nil?
      end
    end

    def shown(row)
      row['confirmed'] ? row : { **row, 'state' => 'unknown' }
    end
  end

  error StoreError do |e|
    warn "The connections cannot be reached: #{e.message}"
    headers 'Retry-After' => '10'
    answer 503, { error: 'Try again later.' }
  end

  # Without these two, Sinatra answers with a web page.
  error(Sinatra::NotFound) { answer 404, { error: 'There is no such endpoint.' } }
  error { answer 500, { error: 'Something went wrong.' } }

  # Sinatra parses forms before it looks for the route, and fails on a broken one.
  error Sinatra::BadRequest do
    json_only
    answer 400, { error: 'The request is broken.' }
  end

  # AuthKit's page calls this from its own origin, and must be able to read refusals too.
  before '/api/authkit/token' do
    headers 'Access-Control-Allow-Origin' => AUTHKIT_ORIGIN,
            'Access-Control-Allow-Methods' => 'POST, OPTIONS',
            'Access-Control-Allow-Headers' => 'authorization, content-type',
            'Access-Control-Max-Age' => '600'
  end

  options('/api/authkit/token') { halt 204 }

  post '/api/authkit/token' do
    begin
      found = token(user_for('token'))
    rescue PicaError => e
      warn "Pica gave no token: #{e.message}"
      headers({ 'Retry-After' => e.retry_after }.compact)
      answer e.status, { error: 'Pica gave no token.' }
    end
    answer 200, found
  end

  get '/api/authkit/token' do
    headers 'Allow' => 'POST, OPTIONS'
    answer 405, { error: 'Use POST.' }
  end

  get '/api/connections' do
    user = user_for('connections')
    is_over = -> { rows_of(user).all? { |row| row['confirmed'] } }
    look_up(user, 5, [0], &is_over) unless is_over.call
    answer 200, rows_of(user).map { |row| shown(row) }
  end

  post '/api/connections' do
    json_only
    user = user_for('connections')
    body = request.body.read(16 * 1024 + 1).to_s
    answer 413, { error: 'Send 16 KiB at most.' } if body.bytesize > 16 * 1024
    given = JSON.parse(body) rescue nil
    answer 400, { error: 'The body must be a JSON object.' } unless given.is_a?(Hash)
    row = { 'environment' => 'live', 'state' => 'operational', **given }
          .slice('connection_key', 'platform', 'environment', 'state', 'name').compact
    is_text = ->(value) { value.is_a?(String) && value.valid_encoding? && value.length.between?(1, 500) }
    unless row.key?('connection_key') && row.key?('platform') && row.values.all?(&is_text)
      answer 400, { error: 'platform and connection_key must be texts.' }
    end
    id = [IDENTITY_TYPE, user, row['connection_key']]
    # Stored before asking Pica, so that nothing is lost.
    is_known = claim(id, row)
    find = -> { Backend.stored(true) { STORE[id] } }
    is_over = -> { find.call.nil? || find.call['confirmed'] }
    # Knowing a key proves nothing: Pica says whose it is. Its vault may lag behind.
    look_up(user, 15, [0, 1, 3, 6], &is_over) unless is_over.call
    row = find.call
    answer 404, { error: 'It was deleted meanwhile.' } unless row
    status = is_known ? 200 : 201
    answer row['confirmed'] ? status : 202, shown(row)
  end

  delete '/api/connections/*' do |key|
    user = user_for('connections')
    deleted = Backend.stored { STORE.delete([IDENTITY_TYPE, user, key]) }
    # The same answer for another user's key, so that nobody learns that it exists.
    answer 404, { error: 'There is no such connection.' } unless deleted
    halt 204
  end

  run! port: ENV.fetch('PORT', 3000).to_i, bind: '127.0.0.1', server: 'webrick' if app_file == $PROGRAM_NAME
end
