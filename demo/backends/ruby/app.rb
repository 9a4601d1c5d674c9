require 'json'
require 'net/http'
require 'openssl'
require 'pstore'
require 'set'
require 'sinatra/base'
require 'time'

# Pica is away, refused, or answered something else than JSON.
class PicaError < StandardError; end

class Backend < Sinatra::Base
  PICA_SECRET_KEY = ENV.fetch('PICA_SECRET_KEY').strip
  CREDENTIAL_SECRET = ENV.fetch('CREDENTIAL_SECRET')
  PICA_API = ENV.fetch('PICA_API', 'https://api.picaos.com')
  AUTHKIT_ORIGIN = ENV.fetch('AUTHKIT_ORIGIN', 'https://authkit.picaos.com')

  # Who owns connections: your server decides, never the request. Or 'team', 'organization', 'project'.
  IDENTITY_TYPE = 'user'.freeze

  # What the vault shows for this secret key.
  ENVIRONMENT = PICA_SECRET_KEY.start_with?('sk_test') ? 'test' : 'live'

  # Whose look-up is running: one at a time is all that a user can keep a thread busy with.
  LOOK_UPS = Set.new
  LOCK = Mutex.new

  # Rows by owner and key, in a file that is locked while it is changed: put your database here. Do not use a row
  # that is not confirmed: the user has only claimed it.
  STORE = PStore.new('connections.pstore', true)

  # Rows of an earlier version were by key alone, and nobody has compared them with the vault yet.
  STORE.transaction do
    STORE.roots.grep(String).each do |key|
      row = STORE.delete(key)
      owner = { 'identity_type' => IDENTITY_TYPE, 'identity' => row.delete('user') }
      STORE[[*owner.values, key]] = { **row, **owner, 'confirmed' => false }
    end
  end

  # Sinatra refuses a POST from another origin; AuthKit's is one, and nothing here goes by a cookie. It also tidies up
  # slashes and dots in paths, which belong to keys here.
  set :protection, except: %i[http_origin json_csrf remote_token path_traversal]
  set :show_exceptions, false

  helpers do
    def answer(status, body = nil)
      halt status, { 'Content-Type' => 'application/json' }, body ? JSON.generate(body) : ''
    end

    # Forms, which any website may send, are not for here.
    def json_only
      answer 415, { error: 'Send application/json.' } unless request.media_type == 'application/json'
    end

    # The user whose credential it is: "purpose.user.expires.signature". Yours may be any other.
    def user_for(purpose)
      pattern = /\ABearer ((#{purpose})\.(.+)\.([0-9]+))\.([0-9a-f]{64})\z/
      signed, _, user, expires, signature = request.env['HTTP_AUTHORIZATION'].to_s.match(pattern)&.captures
      expected = OpenSSL::HMAC.hexdigest('SHA256', CREDENTIAL_SECRET, signed.to_s)
      is_valid = signature && OpenSSL.fixed_length_secure_compare(signature, expected)
      answer 401, { error: 'Sign in first.' } unless is_valid && expires.to_i >= Time.now.to_i
      user
    end

    # Net::HTTP follows no redirect: the secret key would go along, to any server that it names.
    def ask_pica(request, body = nil)
      request['X-Pica-Secret'] = PICA_SECRET_KEY
      request['Content-Type'] = 'application/json'
      request.body = JSON.generate(body) if body
      uri = request.uri
      options = { use_ssl: uri.scheme == 'https', open_timeout: 5, read_timeout: 10 }
      response = Net::HTTP.start(uri.host, uri.port, **options) { |http| http.request(request) }
      raise PicaError, "status #{response.code}" unless response.is_a?(Net::HTTPSuccess)

      found = JSON.parse(response.body)
      raise PicaError, 'no JSON object' unless found.is_a?(Hash)

      found
    rescue PicaError
      raise
    rescue StandardError => e
      # Only the kind of error: some messages repeat headers or what Pica sent, and with it the secret key.
      raise PicaError, e.class.name, cause: nil
    end

    # The last answer, with the rows of all pages; of 20 at most, and of no more than come in time.
    def all_pages(seconds = 10)
      deadline = now + seconds
      rows = []
      (1..20).each do |page|
        found = ask_pica(*yield(page))
        pages = found['pages']
        raise PicaError, 'no rows' unless found['rows'].is_a?(Array) && pages.is_a?(Integer)

        rows += found['rows']
        is_complete = page >= pages
        return { **found, 'rows' => rows, 'is_complete' => is_complete } if is_complete || page == 20 || now > deadline
      end
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end

    def token(user)
      flags = ask_pica(Net::HTTP::Get.new(URI("#{PICA_API}/v1/users/flags")))
      identity = { identity: user, identityType: IDENTITY_TYPE }
      found = all_pages do |page|
        [Net::HTTP::Post.new(URI("#{PICA_API}/v1/authkit?limit=100&page=#{page}")), identity]
      end
      raise PicaError, 'too many pages' unless found['is_complete']

      {
        rows: found['rows'], page: 1, pages: 1, total: found['total'], requestId: found['requestId'],
        isWhiteLabel: flags['authkitWhitelist'] || false
      }
    end

    # This user's connections at Pica by key, whatever else the answer lists; and whether these are all.
    def vault_of(user, seconds)
      owner = { identity: user, identityType: IDENTITY_TYPE }
      found = all_pages(seconds) do |page|
        query = URI.encode_www_form(**owner, limit: 100, page: page)
        [Net::HTTP::Get.new(URI("#{PICA_API}/v1/vault/connections?#{query}"))]
      end
      mine = found['rows'].grep(Hash).select do |row|
        row['identity'] == user && (row['identityType'] || 'user') == IDENTITY_TYPE
      end
      [mine.to_h { |row| [row['key'], row] }, found['is_complete']]
    end

    def rows_of(user)
      rows = STORE.transaction(true) { STORE.roots.map { |id| STORE[id] } }
      rows.select { |row| row['identity_type'] == IDENTITY_TYPE && row['identity'] == user }
    end

    # Confirms the rows that the vault has by now, and drops those it has not had for ten minutes.
    def compare_with_vault(user, seconds)
      listed, is_complete = vault_of(user, seconds)
      STORE.transaction do
        STORE.roots.each do |id|
          row = STORE[id]
          next if id[0, 2] != [IDENTITY_TYPE, user] || row['confirmed']

          if listed.key?(id[2])
            facts = listed[id[2]].slice('platform', 'environment').select { |_, value| value.is_a?(String) }
            STORE[id] = { **row, **facts, 'confirmed' => true, 'unlisted_since' => nil }.compact
          # With a test key the vault says nothing about live connections, and the other way round.
          elsif is_complete && row['environment'] == ENVIRONMENT
            since = row['unlisted_since'] || Time.now.utc.iso8601
            Time.parse(since) < Time.now - 600 ? STORE.delete(id) : STORE[id] = { **row, 'unlisted_since' => since }
          end
        end
      end
    end

    # Looks into the vault after each pause until the block says that it is over, unless it is being looked at for
    # this user, or Pica is away.
    def look_up(user, pauses)
      return unless LOCK.synchronize { LOOK_UPS.add?(user) }

      deadline = now + 15
      begin
        pauses.each do |pause|
          sleep pause
          compare_with_vault(user, deadline - now)
          break if yield
        end
      rescue PicaError => e
        warn "Pica did not say whose connections these are: #{e.message}"
      ensure
        LOCK.synchronize { LOOK_UPS.delete(user) }
      end
    end

    # Stores it, not confirmed unless it was already; whether it was there.
    def claim(id, row)
      STORE.transaction do
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

  # Sinatra reads a form before it looks for the route, and fails if it is broken.
  error Sinatra::BadRequest do
    json_only
    answer 400, { error: 'The request is broken.' }
  end

  # AuthKit's page calls this one, from its own origin, and has to be able to read refusals too.
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
      answer 502, { error: 'Pica gave no token.' }
    end
    answer 200, found
  end

  get '/api/authkit/token' do
    headers 'Allow' => 'POST, OPTIONS'
    answer 405, { error: 'Use POST.' }
  end

  get '/api/connections' do
    user = user_for('connections')
    look_up(user, [0]) { true } unless rows_of(user).all? { |row| row['confirmed'] }
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
    # Before Pica is asked, so that nothing is lost meanwhile.
    is_known = claim(id, row)
    find = -> { STORE.transaction(true) { STORE[id] } }
    is_over = -> { find.call.nil? || find.call['confirmed'] }
    # Whoever knows a key is not its owner yet: Pica says whose it is. The vault may lag behind.
    look_up(user, [0, 1, 3, 6], &is_over) unless is_over.call
    row = find.call
    answer 404, { error: 'It was deleted meanwhile.' } unless row
    status = is_known ? 200 : 201
    answer row['confirmed'] ? status : 202, shown(row)
  end

  delete '/api/connections/*' do |key|
    user = user_for('connections')
    deleted = STORE.transaction { STORE.delete([IDENTITY_TYPE, user, key]) }
    # Another user's is answered like one that is not there: nobody learns that it is.
    answer 404, { error: 'There is no such connection.' } unless deleted
    halt 204
  end

  run! port: ENV.fetch('PORT', 3000).to_i, bind: '127.0.0.1', server: 'webrick' if app_file == $PROGRAM_NAME
end
