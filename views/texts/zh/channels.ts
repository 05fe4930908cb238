/** What the kinds of channels, and what they ask for, are called; in English that stands in `src/channels`. */
export const channelWords: Record<string, string> = {
  'E-mail': '邮件',
  Heartbeat: '心跳',
  'Notify address': '通知地址',

  Address: '地址',
  'Webhook address': 'Webhook 地址',
  'API address': 'API 地址',
  Server: '服务器',
  Port: '端口',
  Security: '加密方式',
  User: '用户名',
  Password: '密码',
  From: '发件人',
  To: '收件人',
  Method: '请求方法',
  Topic: '主题',
  'Access token': '访问令牌',
  'Bot token': '机器人令牌',
  Chat: '会话',
  Priority: '优先级',
  Tags: '标签',
  'Signing secret': '签名密钥',
  'Further headers': '其他请求头',

  'Such as smtp.example.org.': '例如 smtp.example.org。',
  'Empty: 587 for STARTTLS, 465 for TLS, 25 for none.': '留空：STARTTLS 用 587，TLS 用 465，不加密用 25。',
  'With STARTTLS and TLS nothing is sent unless the certificate is right.':
    '使用 STARTTLS 或 TLS 时，证书无效则不会发送任何内容。',
  'Empty: no login.': '留空则不登录。',
  'An address, or Name <address>.': '邮箱地址，或“名称 <地址>”。',
  'Addresses, one a line.': '邮箱地址，每行一个。',
  'Is called after each good run.': '每次成功运行后调用。',
  'POST sends the text of the message along.': 'POST 会附带消息文本。',
  'Gets a POST of {"title", "body", "group": "ScriptGateway"}.':
    '将收到 POST 请求，内容为 {"title", "body", "group": "ScriptGateway"}。',
  'Without the topic.': '不含主题。',
  'On a server without accounts who knows it can read along: choose one that cannot be guessed.':
    '在没有账户的服务器上，知道主题的人都能读取消息：请选择难以猜到的主题。',
  'tk_…, or user:password, where the server asks for one.': 'tk_…，或 user:password（服务器要求时填写）。',
  'How urgently telephones tell of it.': '手机提醒的紧急程度。',
  'Words, or names of emoji such as warning. None: one that fits what happened.':
    '文字，或 warning 这样的表情名称。留空则按事件自动选择。',
  'https://discord.com/api/webhooks/…: who has it can post to the channel.':
    'https://discord.com/api/webhooks/…：持有此地址者可在该频道发消息。',
  'https://hooks.slack.com/services/…: who has it can post to the channel.':
    'https://hooks.slack.com/services/…：持有此地址者可在该频道发消息。',
  'From @BotFather.': '从 @BotFather 获取。',
  'Its number, or @name of a public channel. The bot must be a member.':
    '会话编号，或公开频道的 @名称。机器人必须是其成员。',
  'Another one for a Bot API server of your own.': '使用自己的 Bot API 服务器时填写。',
  'Where the JSON is posted.': '接收 JSON 的地址。',
  'whsec_… or any text. With it each request carries webhook-signature, as Standard Webhooks has it.':
    'whsec_… 或任意文本。设置后，每个请求都会按 Standard Webhooks 规范带有 webhook-signature。',
  'One a line: Name: value.': '每行一个，格式为 Name: value。',
}
