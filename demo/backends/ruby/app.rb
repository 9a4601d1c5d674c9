require 'json'
require 'net/http'
require 'openssl'
require 'pstore'
require 'sinatra/base'
require 'time'

class Backend < Sinatra::Base
  PICA_SECRET_KEY = ENV.fetch('PICA_SECRET_KEY')
  CREDENTIAL_SECRET = ENV.fetch('CREDENTIAL_SECRET')
  PICA_API = ENV.fetch('PICA_API', 'https://api.picaos.com')
  AUTHKIT_ORIGIN = ENV.fetch('AUTHKIT_ORIGIN', 'https://authkit.picaos.com')

  # Rows by key, in a file that is locked while it is changed: put your database here.
  STORE = PStore.new('connections.pstore', true)

  # Sinatra refuses a POST from another origin; AuthKit's is one, and nothing here goes by a cookie.
  set :protection, except: %i[http_origin json_csrf remote_token]
  set :show_exceptions, false

  helpers do
    def answer(status, body = nil)
      halt status, { 'Content-Type' => 'application/json' }, body ? JSON.generate(body) : ''
    end

    # The user whose credential it is: "user.expires.signature". Yours may be any other.
    def user
      header = request.env['HTTP_AUTHORIZATION'].to_s
      signed, user, expires, signature = header.match(/\ABearer ((.+)\.(\d+))\.(\h{64})\z/)&.captures
      expected = OpenSSL::HMAC.hexdigest('SHA256', CREDENTIAL_SECRET, signed.to_s)
      is_valid = signature && OpenSSL.fixed_length_secure_compare(signature, expected)
      answer 401, { error: 'Sign in first.' } unless is_valid && expires.to_i >= Time.now.to_i
      user
    end

    def ask_pica(request, body = nil)
      request['X-Pica-Secret'] = PICA_SECRET_KEY
      request['Content-Type'] = 'application/json'
      request.body = JSON.generate(body) if body
      uri = request.uri
      options = { use_ssl: uri.scheme == 'https', open_timeout: 5, read_timeout: 10 }
      response = Net::HTTP.start(uri.host, uri.port, **options) { |http| http.request(request) }
      response.value # raises for any status but 2xx
      JSON.parse(response.body)
    end

    def token(user)
      flags = ask_pica(Net::HTTP::Get.new(URI("#{PICA_API}/v1/users/flags")))
      identity = { identity: user, identityType: 'user' }
      rows = []
      page = pages = 1
      answer = nil
      while page <= pages
        uri = URI("#{PICA_API}/v1/authkit?limit=100&page=#{page}")
        answer = ask_pica(Net::HTTP::Post.new(uri), identity)
        rows += answer.fetch('rows')
        pages = answer.fetch('pages')
        page += 1
      end
      {
        rows: rows, page: 1, pages: 1, total: answer['total'], requestId: answer['requestId'],
        isWhiteLabel: flags['authkitWhitelist'] || false
      }
    end
  end

  # AuthKit's page calls this one, from its own origin; it has to be able to read refusals as well.
  before '/api/authkit/token' do
    headers 'Access-Control-Allow-Origin' => AUTHKIT_ORIGIN,
            'Access-Control-Allow-Methods' => 'POST, OPTIONS',
            'Access-Control-Allow-Headers' => 'authorization, content-type',
            'Access-Control-Max-Age' => '600'
  end

  options('/api/authkit/token') { halt 204 }

  post '/api/authkit/token' do
    begin
      found = token(user)
    rescue Net::HTTPExceptions, SystemCallError, SocketError, Timeout::Error, JSON::ParserError, KeyError => e
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
    mine = user
    rows = STORE.transaction(true) { STORE.roots.map { |key| STORE[key] } }
    answer 200, rows.select { |row| row['user'] == mine }
  end

  post '/api/connections' do
    mine = user
    given = JSON.parse(request.body.read) rescue nil
    answer 400, { error: 'The body must be a JSON object.' } unless given.is_a?(Hash)
    row = { 'environment' => 'live', 'state' => 'operational', **given, 'user' => mine }
          .slice('connection_key', 'user', 'platform', 'environment', 'state', 'name').compact
    is_text = ->(value) { value.is_a?(String) && !value.empty? && value.length <= 500 }
    unless row.key?('connection_key') && row.key?('platform') && row.values.all?(&is_text)
      answer 400, { error: 'platform and connection_key must be texts.' }
    end
    before = nil
    STORE.transaction do
      before = STORE[row['connection_key']]
      row['created_at'] = before ? before['created_at'] : Time.now.utc.iso8601
      STORE[row['connection_key']] = row if before.nil? || before['user'] == mine
    end
    answer 409, { error: "This connection is another user's." } if before && before['user'] != mine
    answer before ? 200 : 201, row
  end

  delete '/api/connections/*' do |key|
    mine = user
    deleted = STORE.transaction do
      STORE[key] && STORE[key]['user'] == mine && STORE.delete(key)
    end
    # Another user's is answered like one that is not there: nobody learns that it is.
    answer 404, { error: 'There is no such connection.' } unless deleted
    halt 204
  end

  run! port: ENV.fetch('PORT', 3000).to_i, bind: '127.0.0.1', server: 'webrick' if app_file == $PROGRAM_NAME
end
