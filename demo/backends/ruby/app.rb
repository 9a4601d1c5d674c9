require 'json'
require 'net/http'
require 'openssl'
require 'pstore'
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

  # Sinatra refuses a POST from another origin; AuthKit's is one, and nothing here goes by a cookie.
  set :protection, except: %i[http_origin json_csrf remote_token]
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

    # The last answer, with the rows of all pages.
    def all_pages
      rows = []
      page = pages = 1
      while page <= pages
        found = ask_pica(*yield(page))
        pages = found['pages']
        raise PicaError, 'no rows' unless found['rows'].is_a?(Array) && pages.is_a?(Integer)

        rows += found['rows']
        page += 1
      end
      found.merge('rows' => rows)
    end

    def token(user)
      flags = ask_pica(Net::HTTP::Get.new(URI("#{PICA_API}/v1/users/flags")))
      identity = { identity: user, identityType: IDENTITY_TYPE }
      found = all_pages do |page|
        [Net::HTTP::Post.new(URI("#{PICA_API}/v1/authkit?limit=100&page=#{page}")), identity]
      end
      {
        rows: found['rows'], page: 1, pages: 1, total: found['total'], requestId: found['requestId'],
        isWhiteLabel: flags['authkitWhitelist'] || false
      }
    end

    # The keys of the connections that are this user's at Pica, whatever else the answer lists.
    def keys_in_vault(user)
      owner = { identity: user, identityType: IDENTITY_TYPE }
      found = all_pages do |page|
        query = URI.encode_www_form(**owner, limit: 100, page: page)
        [Net::HTTP::Get.new(URI("#{PICA_API}/v1/vault/connections?#{query}"))]
      end
      mine = found['rows'].grep(Hash).select do |row|
        row['identity'] == user && [IDENTITY_TYPE, nil].include?(row['identityType'])
      end
      mine.map { |row| row['key'] }
    end

    # Tries for ten seconds, since the vault may lag behind; gives up at once if Pica is away.
    def in_vault?(user, key)
      [0, 1, 3, 6].any? do |pause|
        sleep pause
        keys_in_vault(user).include?(key)
      end
    rescue PicaError => e
      warn "Pica did not say whose this connection is: #{e.message}"
      false
    end

    def rows_of(user)
      rows = STORE.transaction(true) { STORE.roots.map { |id| STORE[id] } }
      rows.select { |row| row['identity_type'] == IDENTITY_TYPE && row['identity'] == user }
    end

    # Confirms the rows that the vault has by now, and drops those it has not had for ten minutes.
    def check_with_vault(user)
      keys = keys_in_vault(user)
      STORE.transaction do
        STORE.roots.each do |id|
          row = STORE[id]
          next if id[0, 2] != [IDENTITY_TYPE, user] || row['confirmed']

          if keys.include?(id[2])
            STORE[id] = { **row, 'confirmed' => true }
          elsif Time.parse(row['created_at']) < Time.now - 600
            STORE.delete(id)
          end
        end
      end
    rescue PicaError => e
      warn "Pica did not say which connections are confirmed: #{e.message}"
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
    check_with_vault(user) unless rows_of(user).all? { |row| row['confirmed'] }
    answer 200, rows_of(user).map { |row| shown(row) }
  end

  post '/api/connections' do
    json_only
    user = user_for('connections')
    given = JSON.parse(request.body.read) rescue nil
    answer 400, { error: 'The body must be a JSON object.' } unless given.is_a?(Hash)
    row = { 'environment' => 'live', 'state' => 'operational', **given }
          .slice('connection_key', 'platform', 'environment', 'state', 'name').compact
    is_text = ->(value) { value.is_a?(String) && value.valid_encoding? && value.length.between?(1, 500) }
    unless row.key?('connection_key') && row.key?('platform') && row.values.all?(&is_text)
      answer 400, { error: 'platform and connection_key must be texts.' }
    end
    id = [IDENTITY_TYPE, user, row['connection_key']]
    known = STORE.transaction(true) { STORE[id] }
    # Whoever knows a key is not its owner yet: Pica says whose it is.
    confirmed = known&.fetch('confirmed') || in_vault?(user, row['connection_key'])
    STORE.transaction do
      known = STORE[id]
      before = known if known&.fetch('confirmed')
      row = {
        **row, 'identity_type' => IDENTITY_TYPE, 'identity' => user,
        'confirmed' => confirmed || !before.nil?,
        'created_at' => before ? before['created_at'] : Time.now.utc.iso8601
      }
      STORE[id] = row
    end
    status = known ? 200 : 201
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
