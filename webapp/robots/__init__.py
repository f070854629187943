"""Group chats: each working morning a robot tells an organisation's chat what its people are told."""
